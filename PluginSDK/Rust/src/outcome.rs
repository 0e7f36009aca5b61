use crate::workload::small;
use crate::{Error, Value};

/// How a provision or an update ended well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The host now matches the data.
    Ready {
        /// What the user reads.
        result: Value,
        /// What the node keeps for the plugin.
        state: Option<State>,
        /// What other workloads may use.
        exports: Vec<Export>,
    },
    /// It already did; the earlier result, state and exports stay valid.
    Present,
    /// An update was refused and the old thing works untouched; the text says why.
    Unchanged(String),
}

/// Something that a workload hands to those that name it (plugin protocol, section 3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Export {
    /// Such as `directory`; also in the manifest.
    pub kind: String,
    /// As the kind demands.
    pub value: Value,
}

/// What a plugin asks the node to keep for a workload, with the version of its form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    /// As the manifest's `state.version` of the build that wrote it.
    pub version: u32,
    /// Anything.
    pub data: Value,
}

impl Outcome {
    /// Ready, with a result alone.
    pub fn ready(result: Value) -> Outcome {
        Outcome::Ready { result, state: None, exports: Vec::new() }
    }

    /// The same with a state to keep.
    pub fn keeping(self, version: u32, data: Value) -> Outcome {
        match self {
            Outcome::Ready { result, exports, .. } => {
                Outcome::Ready { result, state: Some(State { version, data }), exports }
            }
            other => other,
        }
    }

    /// The same with a further export.
    pub fn exporting(mut self, kind: &str, value: Value) -> Outcome {
        if let Outcome::Ready { exports, .. } = &mut self {
            exports.push(Export { kind: kind.to_owned(), value });
        }
        self
    }

    pub(crate) fn to_json(&self) -> Value {
        match self {
            Outcome::Present => Value::object([("outcome", "present".into())]),
            Outcome::Unchanged(reason) => {
                Value::object([("outcome", "unchanged".into()), ("message", reason.as_str().into())])
            }
            Outcome::Ready { result, state, exports } => {
                let exports = exports.iter().map(|export| {
                    Value::object([("kind", export.kind.as_str().into()), ("value", export.value.clone())])
                });
                let mut members =
                    vec![("outcome", "ready".into()), ("result", result.clone()), ("exports", Value::array(exports))];
                members.extend(state.iter().map(|state| ("state", state.to_json())));
                Value::object(members)
            }
        }
    }
}

impl State {
    pub(crate) fn from_json(json: &Value) -> Result<State, Error> {
        Ok(State { version: small(json, "version")?, data: json.get("data").cloned().unwrap_or(Value::Null) })
    }

    pub(crate) fn to_json(&self) -> Value {
        Value::object([("version", self.version.into()), ("data", self.data.clone())])
    }
}
