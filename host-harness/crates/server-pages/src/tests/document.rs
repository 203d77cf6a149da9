//! Reads a page the way a browser would, as far as maud's regular output needs: a list of elements.

/// An element's start tag, and the text right after it.
#[derive(Debug)]
pub(super) struct Element {
    pub(super) name: String,
    attributes: Vec<(String, String)>,
    /// Names of the elements that it is in, outermost first.
    pub(super) inside: Vec<String>,
}

impl Element {
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(known, _)| known == name)?;
        Some(&found.1)
    }

    pub(super) fn attribute_names(&self) -> impl Iterator<Item = &str> {
        self.attributes.iter().map(|(name, _)| name.as_str())
    }
}

/// Elements that have no end.
const VOID: [&str; 5] = ["meta", "link", "input", "br", "hr"];

/// The elements of a document, in order.
///
/// # Panics
///
/// Where an element is not ended, or another is.
pub(super) fn elements(html: &str) -> Vec<Element> {
    let mut elements = Vec::new();
    let mut open: Vec<String> = Vec::new();
    let mut rest = html;
    while let Some(start) = rest.find('<') {
        rest = &rest[start + 1..];
        let end = rest.find('>').expect("a tag ends");
        let tag = &rest[..end];
        rest = &rest[end + 1..];
        if tag.starts_with('!') {
            continue;
        }
        if let Some(ended) = tag.strip_prefix('/') {
            assert_eq!(open.pop().as_deref(), Some(ended), "ended out of order");
            continue;
        }
        let element = element(tag, &open);
        if !VOID.contains(&element.name.as_str()) {
            open.push(element.name.clone());
        }
        elements.push(element);
    }
    assert!(open.is_empty(), "not ended: {open:?}");
    elements
}

fn element(tag: &str, inside: &[String]) -> Element {
    let (name, mut rest) = tag.split_once(' ').unwrap_or((tag, ""));
    let mut attributes = Vec::new();
    while !rest.is_empty() {
        let stop = rest.find([' ', '=']).unwrap_or(rest.len());
        let attribute = rest[..stop].to_owned();
        let mut value = "";
        if let Some(quoted) = rest[stop..].strip_prefix("=\"") {
            let end = quoted.find('"').expect("a value ends");
            value = &quoted[..end];
            rest = &quoted[end + 1..];
        } else {
            rest = &rest[stop..];
        }
        attributes.push((attribute, value.to_owned()));
        rest = rest.strip_prefix(' ').unwrap_or(rest);
    }
    Element {
        name: name.to_owned(),
        attributes,
        inside: inside.to_vec(),
    }
}
