//! A node for a plugin's own tests. It speaks to the plugin through the C ABI, as the real one does.

use crate::abi::{Bytes, Descriptors, Host, Plugin};
use crate::{Error, Value};
use std::collections::BTreeMap;
use std::ffi::c_void;
use std::path::Path;
use std::sync::mpsc::{channel, Sender};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

type Service = Box<dyn Fn(&Value) -> Result<Value, Error> + Send>;

/// What the fake node knows. Boxed, since the plugin keeps a pointer to it.
#[derive(Default)]
struct Known {
    services: Mutex<BTreeMap<String, Service>>,
    calls: Mutex<Vec<(String, Value)>>,
    lines: Mutex<Vec<String>>,
}

/// A plugin that runs in this process on a fake node. Dropping it stops the plugin.
pub struct Harness {
    plugin: &'static Plugin,
    state: *mut c_void,
    known: Box<Known>,
    host: Box<Host>,
}

// SAFETY: a plugin's `handle` may be called from any thread, and what the fake node knows is behind locks.
unsafe impl Send for Harness {}
// SAFETY: as above.
unsafe impl Sync for Harness {}

/// How long a plugin may take to answer.
const PATIENCE: Duration = Duration::from_secs(60);

impl Harness {
    /// Starts the plugin whose `zos_plugin_entry` is given, without settings and folders.
    pub fn new(entry: extern "C" fn(u32) -> *const Plugin) -> Harness {
        Harness::with(entry, Value::object::<String>([]), &[]).expect("the plugin starts")
    }

    /// The same with the operator's settings and folders of the plugin by name.
    pub fn with(
        entry: extern "C" fn(u32) -> *const Plugin,
        settings: Value,
        folders: &[(&str, &Path)],
    ) -> Result<Harness, Error> {
        let abi = crate::abi::ABI;
        // SAFETY: what the entry returns is constant for the life of the process.
        let plugin = unsafe { entry(abi).as_ref() }.expect("the plugin speaks the ABI of its own SDK");
        let mut open = Vec::new();
        let mut described = BTreeMap::new();
        for (name, path) in folders {
            let folder = std::fs::File::open(path)?;
            let descriptor = std::os::unix::io::AsRawFd::as_raw_fd(&folder);
            let path = path.to_string_lossy().into_owned();
            let entry = Value::object([("path", path.into()), ("descriptor", descriptor.into())]);
            described.insert((*name).to_owned(), entry);
            open.push(folder);
        }
        let configuration = Value::object([("settings", settings), ("folders", Value::Object(described))]).to_string();
        let known = Box::new(Known::default());
        let context = &*known as *const Known as *mut c_void;
        let host = Box::new(Host { size: std::mem::size_of::<Host>() as u32, abi, context, log, call });
        let mut harness = Harness { plugin, state: std::ptr::null_mut(), known, host };
        // SAFETY: as the node does it.
        let status =
            unsafe { (plugin.start)(&*harness.host, Bytes::new(configuration.as_bytes()), &mut harness.state) };
        // A plugin may use them for the life of the process.
        open.into_iter().for_each(std::mem::forget);
        match status {
            0 => Ok(harness),
            _ => Err(Error::from_reply(
                status,
                Value::object([("message", harness.lines().join("\n").into())]).to_string().as_bytes(),
            )),
        }
    }

    /// Lets the fake node answer a service. Without, it refuses it; `progress` it always answers.
    pub fn answer(&self, service: &str, answer: impl Fn(&Value) -> Result<Value, Error> + Send + 'static) {
        lock(&self.known.services).insert(service.to_owned(), Box::new(answer));
    }

    /// The calls so far: service, and `{"workload", "request"}`.
    pub fn calls(&self) -> Vec<(String, Value)> {
        lock(&self.known.calls).clone()
    }

    /// The lines that the plugin wrote to the node's log.
    pub fn lines(&self) -> Vec<String> {
        lock(&self.known.lines).clone()
    }

    /// Which operations the plugin has: bits `1 << operation`.
    pub fn abilities(&self) -> u64 {
        self.plugin.abilities
    }

    /// Has the plugin serve an operation (`abi::operation`) and waits for the answer.
    pub fn ask(&self, operation: u32, request: &Value) -> Result<Value, Error> {
        self.ask_bytes(operation, request.to_string().as_bytes())
    }

    /// The same with bytes that need not be JSON.
    pub fn ask_bytes(&self, operation: u32, request: &[u8]) -> Result<Value, Error> {
        let (sender, receiver) = channel::<Result<Value, Error>>();
        let token = Box::into_raw(Box::new(sender)) as *mut c_void;
        // SAFETY: the request outlives the call; `done` takes the token back.
        unsafe { (self.plugin.handle)(self.state, operation, Bytes::new(request), Descriptors::new(&[]), done, token) }
        receiver.recv_timeout(PATIENCE).expect("the plugin answers")
    }

    /// Provisions `subject`.
    pub fn provision(&self, subject: &Value) -> Result<Value, Error> {
        let request = Value::object([("subject", subject.clone()), ("paused", false.into())]);
        self.ask(crate::abi::operation::PROVISION, &request)
    }

    /// Updates `subject` from the data before.
    pub fn update(&self, subject: &Value, previous: Value) -> Result<Value, Error> {
        let request = Value::object([("subject", subject.clone()), ("previous", previous)]);
        self.ask(crate::abi::operation::UPDATE, &request)
    }

    /// Deprovisions `subject`.
    pub fn deprovision(&self, subject: &Value) -> Result<Value, Error> {
        self.ask(crate::abi::operation::DEPROVISION, &Value::object([("subject", subject.clone())]))
    }

    /// Calls a command for the owner of `workloads`.
    pub fn command(&self, name: &str, caller: u32, payload: Value, workloads: &[Value]) -> Result<Value, Error> {
        let request = Value::object([
            ("command", name.into()),
            ("caller", caller.into()),
            ("payload", payload),
            ("workloads", workloads.to_vec().into()),
        ]);
        self.ask(crate::abi::operation::COMMAND, &request)
    }
}

/// A workload as the node describes it.
pub fn subject(kind: &str, twin: u32, contract: u64, name: &str, data: Value) -> Value {
    Value::object([
        ("id", format!("{twin}-{contract}-{name}").into()),
        ("twin", twin.into()),
        ("contract", contract.into()),
        ("name", name.into()),
        ("type", kind.into()),
        ("version", 0.into()),
        ("data", data),
    ])
}

impl Drop for Harness {
    fn drop(&mut self) {
        if !self.state.is_null() {
            // SAFETY: started once, and every request has been answered.
            unsafe { (self.plugin.stop)(self.state) }
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

unsafe extern "C" fn done(token: *mut c_void, status: i32, reply: Bytes, _: Descriptors) {
    // SAFETY: `ask_bytes` made the token; answering twice is what tests would crash on.
    let (sender, reply) = unsafe { (Box::from_raw(token as *mut Sender<Result<Value, Error>>), reply.to_vec()) };
    let answer = match status {
        0 => Value::parse(&reply).map_err(Error::from),
        _ => Err(Error::from_reply(status, &reply)),
    };
    // Nobody listens after a test has given up.
    let _ = sender.send(answer);
}

unsafe extern "C" fn log(context: *mut c_void, _: u32, message: Bytes) {
    // SAFETY: the harness owns what context points to, and outlives the plugin.
    let (known, message) = unsafe { (&*(context as *const Known), message.to_vec()) };
    lock(&known.lines).push(String::from_utf8_lossy(&message).into_owned());
}

unsafe extern "C" fn call(
    context: *mut c_void,
    service: Bytes,
    request: Bytes,
    _: Descriptors,
    done: crate::abi::Done,
    token: *mut c_void,
) {
    // SAFETY: as in `log`.
    let (known, service, request) = unsafe { (&*(context as *const Known), service.to_vec(), request.to_vec()) };
    let service = String::from_utf8_lossy(&service).into_owned();
    let request = Value::parse(&request).unwrap_or(Value::Null);
    lock(&known.calls).push((service.clone(), request.clone()));
    let answer = match lock(&known.services).get(&service) {
        Some(answer) => answer(request.get("request").unwrap_or(&Value::Null)),
        None if service == "progress" => Ok(Value::object::<String>([])),
        None => {
            Err(Error::unsupported(format!("the fake node has no answer for {service}; give it one with answer()")))
        }
    };
    let (status, reply) = match answer {
        Ok(value) => (0, value.to_string()),
        Err(error) => (error.status as i32, error.to_json().to_string()),
    };
    // SAFETY: the plugin's function, called once; the reply outlives the call.
    unsafe { done(token, status, Bytes::new(reply.as_bytes()), Descriptors::new(&[])) }
}
