use crate::json::{ParseError, Value};
use std::fmt;

/// How an operation or a call ended, `ZOS_STATUS_*` without OK.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It was tried and failed.
    Failed = 1,
    /// The request is wrong; trying again cannot help.
    Invalid = 2,
    /// No such operation, type or service.
    Unsupported = 3,
    /// The manifest does not entitle the plugin to it.
    Denied = 4,
    /// Not now; trying again may help.
    Unavailable = 5,
}

impl Status {
    /// Unknown numbers count as failed.
    pub(crate) fn new(number: i32) -> Status {
        match number {
            2 => Status::Invalid,
            3 => Status::Unsupported,
            4 => Status::Denied,
            5 => Status::Unavailable,
            _ => Status::Failed,
        }
    }
}

/// Why something did not work, in words for the user of the workload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// The kind of failure.
    pub status: Status,
    /// A stable word for programs.
    pub code: String,
    /// A sentence for people: what happened, with the names involved, and what to do.
    pub message: String,
}

impl Error {
    /// An error with a code of its own.
    pub fn new(status: Status, code: &str, message: impl Into<String>) -> Error {
        Error { status, code: code.to_owned(), message: message.into() }
    }

    /// It was tried and failed.
    pub fn failed(message: impl Into<String>) -> Error {
        Error::new(Status::Failed, "failed", message)
    }

    /// The request is wrong.
    pub fn invalid(message: impl Into<String>) -> Error {
        Error::new(Status::Invalid, "invalid", message)
    }

    /// No such thing.
    pub fn unsupported(message: impl Into<String>) -> Error {
        Error::new(Status::Unsupported, "unsupported", message)
    }

    /// Not now.
    pub fn unavailable(message: impl Into<String>) -> Error {
        Error::new(Status::Unavailable, "unavailable", message)
    }

    /// With `what` in front of the message: `cannot WHAT: message`.
    pub fn cannot(what: impl fmt::Display, cause: impl fmt::Display) -> Error {
        Error::failed(format!("cannot {what}: {cause}"))
    }

    pub(crate) fn to_json(&self) -> Value {
        Value::object([("code", self.code.as_str().into()), ("message", self.message.as_str().into())])
    }

    pub(crate) fn from_reply(status: i32, reply: &[u8]) -> Error {
        let body = Value::parse(reply).unwrap_or(Value::Null);
        let text = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or("").to_owned();
        Error { status: Status::new(status), code: text("code"), message: text("message") }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Error {
        Error::failed(error.to_string())
    }
}

impl From<ParseError> for Error {
    fn from(error: ParseError) -> Error {
        Error::invalid(error.to_string())
    }
}
