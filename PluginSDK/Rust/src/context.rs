use crate::boundary::Node;
use crate::{Error, Value};
use std::collections::BTreeMap;
use std::os::unix::io::{BorrowedFd, OwnedFd, RawFd};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// How much a line of the log matters, `ZOS_LOG_*`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Level {
    Debug = 0,
    Info = 1,
    Notice = 2,
    Warning = 3,
    Error = 4,
}

/// A folder of the plugin's own, from an entitlement `folder`.
#[derive(Clone, Debug)]
pub struct Folder {
    path: PathBuf,
    descriptor: RawFd,
}

/// What a service of the node answered.
#[derive(Debug)]
pub struct Reply {
    /// Its JSON.
    pub value: Value,
    /// What came with it, the plugin's own.
    pub descriptors: Vec<OwnedFd>,
}

/// What a provisioner works with while it serves one request: the node's services, made for one workload.
#[derive(Clone)]
pub struct Context {
    node: Node,
    workload: Option<String>,
    setup: Arc<Setup>,
}

struct Setup {
    settings: Value,
    folders: BTreeMap<String, Folder>,
}

impl Context {
    /// - `configuration`: `{"settings": object, "folders": {name: {"path", "descriptor"}}}`.
    pub(crate) fn new(node: Node, configuration: &Value) -> Context {
        let mut folders = BTreeMap::new();
        for (name, folder) in configuration.get("folders").and_then(Value::as_object).into_iter().flatten() {
            let descriptor = folder.get("descriptor").and_then(Value::as_i64).and_then(|it| RawFd::try_from(it).ok());
            if let (Some(path), Some(descriptor @ 0..)) = (folder.get("path").and_then(Value::as_str), descriptor) {
                folders.insert(name.clone(), Folder { path: PathBuf::from(path), descriptor });
            }
        }
        let settings = configuration.get("settings").cloned().unwrap_or_else(|| Value::Object(BTreeMap::new()));
        Context { node, workload: None, setup: Arc::new(Setup { settings, folders }) }
    }

    /// The same, with calls made for another workload of the plugin, or for none.
    pub fn acting_for(&self, workload: Option<&str>) -> Context {
        Context { workload: workload.map(str::to_owned), ..self.clone() }
    }

    /// The operator's settings for the plugin.
    pub fn settings(&self) -> &Value {
        &self.setup.settings
    }

    /// A folder that the manifest asks for; fails if the manifest does not.
    pub fn folder(&self, name: &str) -> Result<&Folder, Error> {
        self.setup
            .folders
            .get(name)
            .ok_or_else(|| Error::failed(format!("the plugin has no folder \"{name}\"; its manifest must ask for it")))
    }

    /// Writes to the node's log. Never put secrets into it.
    pub fn log(&self, level: Level, message: &str) {
        self.node.log(level as u32, message);
    }

    /// Asks a service of the node (plugin protocol, section 4) and waits for its answer.
    pub fn call(&self, service: &str, request: Value) -> Result<Reply, Error> {
        self.call_with(service, request, &[])
    }

    /// The same, handing descriptors over; they stay the caller's.
    pub fn call_with(&self, service: &str, request: Value, descriptors: &[BorrowedFd<'_>]) -> Result<Reply, Error> {
        let mut members = vec![("request", request)];
        members.extend(self.workload.iter().map(|id| ("workload", id.as_str().into())));
        self.node.call(service, &Value::object(members).to_string(), descriptors)
    }

    /// Shows the user how far a request is.
    pub fn progress(&self, message: &str) -> Result<(), Error> {
        self.call("progress", Value::object([("message", message.into())])).map(drop)
    }
}

impl Folder {
    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Open for the life of the process; for system calls that take a folder's descriptor. Never close it.
    pub fn descriptor(&self) -> RawFd {
        self.descriptor
    }
}
