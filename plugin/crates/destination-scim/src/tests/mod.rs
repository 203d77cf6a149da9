//! The destination against a server in this process.
