//! What a plugin can do: one trait that all have, and one for each further ability.

use crate::workload::{optional_text, small};
use crate::{Context, Error, Outcome, State, Value, Workload};
use std::time::Duration;

/// What turns workloads of a type into things on the host, and takes them away again.
///
/// Its functions may be called from several threads at a time, for different workloads. They may wait; the node gives
/// up after the manifest's deadline. A panic counts as a failure of the operation.
pub trait Provisioner: Sized + Send + Sync + 'static {
    /// Makes the provisioner, once per process, before anything else. Calls to the node are not answered yet.
    fn start(context: &Context) -> Result<Self, Error>;

    /// Makes the host match the workload. Called first, and again after a crash, a restart and at boot: look at what
    /// exists, and do what is missing. When it fails, it has removed what this call created.
    fn provision(&self, workload: &Workload, context: &Context) -> Result<Outcome, Error>;

    /// Takes away whatever exists of the workload; what is already gone is no error.
    fn deprovision(&self, workload: &Workload, context: &Context) -> Result<(), Error>;
}

/// Learns at start of every workload that the node has stored.
pub trait Initializing: Provisioner {
    /// Called once, before other operations. Workloads that cannot be read are left out.
    fn initialize(&self, workloads: &[Workload], context: &Context) -> Result<(), Error>;
}

/// Changes a workload in place, as far as the manifest's `updatable` says.
pub trait Updating: Provisioner {
    /// Makes the host match the new data; `previous` is the data before. What cannot be done is
    /// `Outcome::Unchanged`, with everything as it was.
    fn update(&self, workload: &Workload, previous: &Value, context: &Context) -> Result<Outcome, Error>;
}

/// Pauses and resumes, if the manifest's `pausable` says so.
pub trait Pausing: Provisioner {
    /// Stops it without removing anything.
    fn pause(&self, workload: &Workload, context: &Context) -> Result<(), Error>;
    /// Lets it run again.
    fn resume(&self, workload: &Workload, context: &Context) -> Result<(), Error>;
}

/// Refuses what a schema cannot.
pub trait Validating: Provisioner {
    /// The error is what the user reads. Nothing exists yet, and references are not resolved.
    fn validate(&self, workload: &Workload, context: &Context) -> Result<(), Error>;
}

/// Says what a workload takes of the node.
pub trait Measuring: Provisioner {
    /// Must depend on the data alone.
    fn capacity(&self, data: &Value) -> Result<Capacity, Error>;
}

/// Names other workloads that the manifest's pointers cannot express.
pub trait Referencing: Provisioner {
    /// Must depend on the data alone.
    fn references(&self, data: &Value) -> Result<Vec<ReferenceRequest>, Error>;
}

/// Answers the manifest's commands.
pub trait Commanding: Provisioner {
    /// The answer goes to the caller. The node has checked the caller and the payload's schema.
    fn command(&self, command: &Command, context: &Context) -> Result<Value, Error>;
}

/// Says whether the plugin can work.
pub trait HealthChecking: Provisioner {
    /// Asked now and then.
    fn health(&self, context: &Context) -> Result<Health, Error>;
}

/// Learns of companions that ended by themselves.
pub trait CompanionWatching: Provisioner {
    /// Decides what becomes of the workload.
    fn companion_exited(&self, exit: &CompanionExit, context: &Context) -> Result<CompanionAction, Error>;
}

/// Looks after workloads that it has provisioned before in another way than by provisioning them anew.
pub trait Recovering: Provisioner {
    /// Called instead of `provision` for every workload that was provisioned, whenever the plugin starts. `result` and
    /// `state` are what was answered before; the host has to match the data afterwards.
    fn recover(&self, workload: &Workload, context: &Context) -> Result<Outcome, Error>;
}

/// Turns state that an earlier version has kept into the form of this one (the manifest's `state.migrates`).
pub trait Migrating: Provisioner {
    /// Changes nothing on the host: the earlier version still serves the workload, and goes on if the upgrade is taken
    /// back.
    fn migrate(&self, workload: &Workload, state: &State, context: &Context) -> Result<State, Error>;
}

/// Has itself called back, after `timer.set`.
pub trait TimerHandling: Provisioner {
    /// A timer has fallen due. It may be heard twice if the node or the plugin ends at that moment.
    fn timer(&self, timer: &Timer, context: &Context) -> Result<(), Error>;
}

/// A timer that has fallen due.
#[derive(Clone, Debug)]
pub struct Timer {
    /// As it was set.
    pub name: String,
    /// Unix seconds.
    pub due: i64,
    /// As it was set.
    pub content: Value,
    /// The workload that it was set for.
    pub workload: Option<Workload>,
}

/// What a workload takes of the node.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Capacity {
    /// Cores.
    pub cores: u64,
    /// Bytes of memory.
    pub memory: u64,
    /// Bytes of SSD.
    pub ssd: u64,
    /// Bytes of HDD.
    pub hdd: u64,
    /// Public IPv4 addresses.
    pub addresses: u64,
}

/// A workload that another one needs, and the kinds of exports that it wants of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReferenceRequest {
    /// Its name.
    pub name: String,
    /// Kinds.
    pub exports: Vec<String>,
}

/// An RMB command for the plugin.
#[derive(Clone, Debug)]
pub struct Command {
    /// As in the manifest.
    pub name: String,
    /// The twin that asks.
    pub caller: u32,
    /// What it says.
    pub payload: Value,
    /// The caller's own workloads of the plugin's types. Those that cannot be read are left out.
    pub workloads: Vec<Workload>,
}

impl Command {
    /// The caller's workload that is called `name`, in contract `contract` if that is given. The error says what to
    /// do if there is none, or more than one.
    pub fn workload(&self, name: &str, contract: Option<u64>) -> Result<&Workload, Error> {
        let is_wanted =
            |workload: &&Workload| workload.name == name && contract.map_or(true, |wanted| workload.contract == wanted);
        let mut found = self.workloads.iter().filter(is_wanted);
        match (found.next(), found.next()) {
            (Some(workload), None) => Ok(workload),
            (Some(_), Some(_)) => {
                Err(Error::invalid(format!("several workloads are called {name}; name the contract")))
            }
            _ => Err(Error::invalid(format!("twin {} has no workload {name} of this kind here", self.caller))),
        }
    }
}

/// Whether a plugin can work, and if not, why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Health {
    /// It can.
    Healthy,
    /// It cannot, for this reason.
    Unhealthy(String),
}

/// A companion that ended by itself.
#[derive(Clone, Debug)]
pub struct CompanionExit {
    /// The id in the manifest.
    pub companion: String,
    /// The instance that ended.
    pub instance: String,
    /// The workload that it was started for; empty if for none.
    pub workload: String,
    /// The exit code, if it ended by itself.
    pub code: Option<i64>,
    /// The signal that ended it.
    pub signal: Option<i64>,
    /// How long it ran.
    pub uptime: Duration,
    /// The end of what it printed.
    pub output: String,
}

/// What the node does after a companion ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CompanionAction {
    /// Nothing.
    None,
    /// It provisions the workload again.
    Restart,
    /// The workload has failed, with this text for the user.
    Fail(String),
}

impl Capacity {
    pub(crate) fn to_json(self) -> Value {
        Value::object([
            ("cru", self.cores.into()),
            ("mru", self.memory.into()),
            ("sru", self.ssd.into()),
            ("hru", self.hdd.into()),
            ("ipv4u", self.addresses.into()),
        ])
    }
}

impl ReferenceRequest {
    pub(crate) fn to_json(&self) -> Value {
        let exports = self.exports.iter().map(|kind| kind.as_str().into());
        Value::object([("name", self.name.as_str().into()), ("exports", Value::array(exports))])
    }
}

impl Health {
    pub(crate) fn to_json(&self) -> Value {
        let (is_healthy, message) = match self {
            Health::Healthy => (true, ""),
            Health::Unhealthy(reason) => (false, reason.as_str()),
        };
        Value::object([("healthy", is_healthy.into()), ("message", message.into())])
    }
}

impl CompanionExit {
    pub(crate) fn from_json(json: &Value) -> Result<CompanionExit, Error> {
        let seconds = json.get("uptime").and_then(Value::as_f64).unwrap_or(0.0);
        Ok(CompanionExit {
            companion: json.text("companion")?.to_owned(),
            instance: json.text("instance")?.to_owned(),
            workload: optional_text(json, "workload"),
            code: json.get("code").and_then(Value::as_i64),
            signal: json.get("signal").and_then(Value::as_i64),
            uptime: Duration::from_secs_f64(seconds.clamp(0.0, 1e9)),
            output: optional_text(json, "output"),
        })
    }
}

impl CompanionAction {
    pub(crate) fn to_json(&self) -> Value {
        match self {
            CompanionAction::None => Value::object([("action", "none".into())]),
            CompanionAction::Restart => Value::object([("action", "restart".into())]),
            CompanionAction::Fail(message) => {
                Value::object([("action", "fail".into()), ("message", message.as_str().into())])
            }
        }
    }
}

impl Command {
    pub(crate) fn caller_of(request: &Value) -> Result<u32, Error> {
        small(request, "caller")
    }
}
