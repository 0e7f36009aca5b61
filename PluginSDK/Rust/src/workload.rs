use crate::{Error, State, Value};

/// A workload as the node hands it to its plugin (plugin protocol, section 2).
#[derive(Clone, Debug)]
pub struct Workload {
    /// `<twin>-<contract>-<name>`: unique on the node, and what to derive every name on the host from.
    pub id: String,
    /// The owner.
    pub twin: u32,
    /// The contract that pays for it.
    pub contract: u64,
    /// Its name in the deployment.
    pub name: String,
    /// Its type.
    pub kind: String,
    /// The version of the deployment that changed it last.
    pub version: u32,
    /// What the user wrote, as the type's schema allows it.
    pub data: Value,
    /// The user's own words, not read by the node.
    pub metadata: String,
    /// The user's own words, not read by the node.
    pub description: String,
    /// Whether the user has paused it: after provision it must not run.
    pub is_paused: bool,
    /// The last result that the plugin returned for it.
    pub result: Option<Value>,
    /// What the plugin asked the node to keep.
    pub state: Option<State>,
    /// The workloads that it names, with what they hand over.
    pub references: Vec<Reference>,
    /// The other workloads of its deployment.
    pub siblings: Vec<Sibling>,
    /// The public addresses of its contract, `{"ip", "gateway"}`.
    pub reserved: Vec<Value>,
}

/// A workload that another one names, and that the node let it see.
#[derive(Clone, Debug)]
pub struct Reference {
    /// Where the data names it, as a JSON pointer.
    pub pointer: String,
    /// Its name.
    pub name: String,
    /// Its workload id.
    pub workload: String,
    /// Its type.
    pub kind: String,
    /// Such as `ok`.
    pub state: String,
    /// Its data.
    pub data: Value,
    /// Its result.
    pub result: Value,
    /// What it hands over, `{"kind", "value"}`.
    pub exports: Vec<Value>,
}

/// Another workload of the same deployment.
#[derive(Clone, Debug)]
pub struct Sibling {
    /// Its workload id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its type.
    pub kind: String,
    /// Such as `ok`.
    pub state: String,
    /// Only of types of the same plugin.
    pub data: Option<Value>,
    /// Only of types of the same plugin.
    pub result: Option<Value>,
}

impl Workload {
    /// Reads a subject of the plugin protocol.
    pub fn from_json(subject: &Value, is_paused: bool) -> Result<Workload, Error> {
        Ok(Workload {
            id: subject.text("id")?.to_owned(),
            twin: small(subject, "twin")?,
            contract: subject.unsigned("contract")?,
            name: subject.text("name")?.to_owned(),
            kind: subject.text("type")?.to_owned(),
            version: small(subject, "version")?,
            data: subject.get("data").cloned().ok_or_else(|| Error::invalid("the workload has no data"))?,
            metadata: optional_text(subject, "metadata"),
            description: optional_text(subject, "description"),
            is_paused,
            result: present(subject, "result").cloned(),
            state: present(subject, "state").map(State::from_json).transpose()?,
            references: list(subject, "references")?.iter().map(Reference::from_json).collect::<Result<_, _>>()?,
            siblings: list(subject, "siblings")?.iter().map(Sibling::from_json).collect::<Result<_, _>>()?,
            reserved: list(subject, "reserved")?.to_vec(),
        })
    }

    /// Whether the node keeps an earlier outcome of it: only then may `provision` answer `Outcome::Present`.
    pub fn was_ready(&self) -> bool {
        self.result.is_some() || self.state.is_some()
    }

    /// The workload that the data names at `pointer` (RFC 6901), if it could be resolved.
    pub fn reference(&self, pointer: &str) -> Option<&Reference> {
        self.references.iter().find(|reference| reference.pointer == pointer)
    }
}

impl Reference {
    fn from_json(json: &Value) -> Result<Reference, Error> {
        Ok(Reference {
            pointer: optional_text(json, "pointer"),
            name: json.text("name")?.to_owned(),
            workload: json.text("workload")?.to_owned(),
            kind: json.text("type")?.to_owned(),
            state: json.text("state")?.to_owned(),
            data: json.get("data").cloned().unwrap_or(Value::Null),
            result: json.get("result").cloned().unwrap_or(Value::Null),
            exports: list(json, "exports")?.to_vec(),
        })
    }

    /// The value of the first export of that kind.
    pub fn export(&self, kind: &str) -> Option<&Value> {
        let is_wanted = |export: &&Value| export.get("kind").and_then(Value::as_str) == Some(kind);
        self.exports.iter().find(is_wanted).and_then(|export| export.get("value"))
    }

    /// Whether it can be used: it is there, running or paused.
    pub fn is_usable(&self) -> bool {
        self.state == "ok" || self.state == "paused"
    }
}

impl Sibling {
    fn from_json(json: &Value) -> Result<Sibling, Error> {
        Ok(Sibling {
            id: json.text("id")?.to_owned(),
            name: json.text("name")?.to_owned(),
            kind: json.text("type")?.to_owned(),
            state: optional_text(json, "state"),
            data: present(json, "data").cloned(),
            result: present(json, "result").cloned(),
        })
    }
}

/// A member that may be absent; `null` counts as absent.
fn present<'a>(json: &'a Value, name: &str) -> Option<&'a Value> {
    json.get(name).filter(|value| !value.is_null())
}

pub(crate) fn optional_text(json: &Value, name: &str) -> String {
    json.get(name).and_then(Value::as_str).unwrap_or("").to_owned()
}

pub(crate) fn small(json: &Value, name: &str) -> Result<u32, Error> {
    u32::try_from(json.unsigned(name)?).map_err(|_| Error::invalid(format!("{name} is beyond 32 bits")))
}

/// The elements of a list; absent and null count as empty.
pub(crate) fn list<'a>(json: &'a Value, name: &str) -> Result<&'a [Value], Error> {
    match present(json, name) {
        Some(_) => json.list(name),
        None => Ok(&[]),
    }
}
