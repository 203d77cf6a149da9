//! SCIM servers as they are published, and the people who work with them.

use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;
use std::time::Duration;

use serde_json::{Value, json};

use super::front::{Front, ask};
use crate::commands::desk::until;
use crate::{node, python};

/// What the servers accept; it must never be seen again.
pub(super) const TOKEN: &str = "a-token-of-this-server";

static PYTHON: LazyLock<PathBuf> = LazyLock::new(|| python::install("python"));
static JAVASCRIPT: LazyLock<PathBuf> = LazyLock::new(|| node::install("javascript"));

/// A server, with a front before it. It ends with this value.
pub(super) struct Server {
    child: Child,
    authority: String,
    base: &'static str,
    pub(super) front: Front,
}

impl Drop for Server {
    fn drop(&mut self) {
        // It is gone, then.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Which of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Software {
    /// `scim2-server` (Python): strict, with versions.
    Scim2,
    /// `scimmy-routers` (JavaScript): lenient, without versions, and with pages that never advance.
    Scimmy,
}

impl Software {
    /// Starts one; `None` where what it needs is not installed.
    pub(super) fn start(self) -> Option<Server> {
        let port = free_port();
        let (mut command, base) = match self {
            Self::Scim2 => {
                if !python::is_there() {
                    node::skip("Python with venv is not installed, so scim2-server is not tried");
                    return None;
                }
                let program = PYTHON.with_file_name("scim2-server");
                let mut command = Command::new(program);
                command.args(["--bearer-token", TOKEN, "--port", &port.to_string()]);
                (command, "/v2")
            }
            Self::Scimmy => {
                if !node::is_there() {
                    node::skip("Node or npm is not installed, so SCIMMY is not tried");
                    return None;
                }
                let mut command = Command::new("node");
                command
                    .arg(JAVASCRIPT.join("scim.js"))
                    .args([&port.to_string(), TOKEN]);
                (command, "/scim")
            }
        };
        let child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let authority = format!("127.0.0.1:{port}");
        until("the server listens", || {
            std::thread::sleep(Duration::from_millis(20));
            TcpStream::connect(&authority).is_ok()
        });
        Some(Server {
            child,
            front: Front::before(authority.clone()),
            authority,
            base,
        })
    }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

impl Server {
    /// The address for a configuration.
    pub(super) fn url(&self) -> String {
        format!("http://{}{}", self.front.authority, self.base)
    }

    /// What somebody else asks of the server.
    pub(super) fn somebody(&self, method: &str, path: &str, body: &Value) -> Value {
        let text = match body {
            Value::Null => String::new(),
            body => body.to_string(),
        };
        let path = format!("{}{path}", self.base);
        let answer = ask(&self.authority, (method, &path), TOKEN, &text);
        let told = String::from_utf8_lossy(&answer.body);
        assert!(answer.status() < 300, "{method} {path}: {told}");
        serde_json::from_slice(&answer.body).unwrap_or_default()
    }

    fn all(&self, path: &str) -> Vec<Value> {
        // By this way both of them give everything at once.
        let search = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"], "startIndex": 1, "count": 500,
        });
        let listed = self.somebody("POST", &format!("{path}/.search"), &search);
        listed["Resources"].as_array().cloned().unwrap_or_default()
    }

    /// Users in the order of their user names.
    pub(super) fn users(&self) -> Vec<Value> {
        let mut users = self.all("/Users");
        users.sort_by_key(|user| user["userName"].to_string());
        users
    }

    /// The user of a name, however its case is.
    pub(super) fn user(&self, user_name: &str) -> Value {
        let mut users = self.users().into_iter();
        let is_it = |user: &Value| {
            let known = user["userName"].as_str().unwrap();
            known.eq_ignore_ascii_case(user_name)
        };
        users.find(is_it).expect("a user")
    }

    /// User names of the members of each group, by its name; an id that is nobody's stands for itself. Sorted, and
    /// each as often as it is there.
    pub(super) fn groups(&self) -> Vec<(String, Vec<String>)> {
        let users = self.users();
        let name_of = |id: &Value| {
            let mut users = users.iter();
            let user = users.find(|user| user["id"] == *id);
            let name = user.map_or(id, |user| &user["userName"]);
            name.as_str().unwrap_or_default().to_owned()
        };
        let mut groups: Vec<_> = self
            .all("/Groups")
            .iter()
            .map(|group| {
                let members = group["members"].as_array().cloned().unwrap_or_default();
                let mut names: Vec<_> = members
                    .iter()
                    .map(|member| name_of(&member["value"]))
                    .collect();
                names.sort();
                let name = group["displayName"].as_str().unwrap_or_default();
                (name.to_owned(), names)
            })
            .collect();
        groups.sort();
        groups
    }
}
