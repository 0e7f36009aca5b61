use super::pool::Pool;
use super::{Node, Table};
use crate::abi::{Bytes, Descriptors, Done, Host, Plugin, ABI};
use crate::{Context, Error, Level, Provisioner, Status, Value};
use std::any::Any;
use std::ffi::c_void;
use std::mem::size_of;
use std::os::raw::c_char;
use std::os::unix::io::{FromRawFd, OwnedFd};
use std::panic::{catch_unwind, AssertUnwindSafe};

/// What the macro `plugin!` says about a plugin.
pub trait Definition: 'static {
    /// Who provisions.
    type Provisioner: Provisioner;
    /// With a zero byte at the end.
    const ID: &'static str;
    /// With a zero byte at the end.
    const VERSION: &'static str;
    /// What it can do.
    const TABLE: Table<Self::Provisioner>;
}

/// A started plugin: what `state` of the C functions points to.
struct Running<P> {
    plugin: P,
    context: Context,
    pool: Pool,
}

/// The plugin for the entry function, once per ABI version that this crate speaks.
pub const fn describe<D: Definition>() -> [Plugin; ABI as usize] {
    [describe_for::<D>(1), describe_for::<D>(2)]
}

const fn describe_for<D: Definition>(abi: u32) -> Plugin {
    Plugin {
        size: size_of::<Plugin>() as u32,
        abi,
        id: D::ID.as_ptr() as *const c_char,
        version: D::VERSION.as_ptr() as *const c_char,
        abilities: D::TABLE.abilities(abi),
        start: start::<D>,
        handle: handle::<D>,
        stop: stop::<D>,
    }
}

unsafe extern "C" fn start<D: Definition>(host: *const Host, configuration: Bytes, state: *mut *mut c_void) -> i32 {
    // SAFETY: the node passes its functions, its bytes and a place for the state, all valid during this call.
    let (node, configuration) = unsafe { (Node::new(host), configuration.to_vec()) };
    let made = guarded(|| {
        let configuration = if configuration.is_empty() { b"{}" } else { configuration.as_slice() };
        let context = Context::new(node, &Value::parse(configuration)?);
        let plugin = D::Provisioner::start(&context)?;
        Ok(Running { plugin, context, pool: Pool::new() })
    });
    match made {
        Ok(running) => {
            // SAFETY: as above; `stop` takes it back.
            unsafe { *state = Box::into_raw(Box::new(running)) as *mut c_void };
            0
        }
        Err(error) => {
            node.log(Level::Error as u32, &format!("the plugin cannot start: {error}"));
            error.status as i32
        }
    }
}

unsafe extern "C" fn handle<D: Definition>(
    state: *mut c_void,
    operation: u32,
    request: Bytes,
    descriptors: Descriptors,
    done: Done,
    token: *mut c_void,
) {
    let pending = Pending { done, token: token as usize, is_answered: false };
    // SAFETY: the node lends the bytes for this call and gives the descriptors away; no operation wants any.
    let request = unsafe {
        descriptors.to_vec().into_iter().filter(|number| *number >= 0).for_each(|it| drop(OwnedFd::from_raw_fd(it)));
        request.to_vec()
    };
    // SAFETY: `state` is null or what `start` made, and `stop` is only called when no request is open.
    let running = match unsafe { (state as *const Running<D::Provisioner>).as_ref() } {
        Some(running) => running,
        None => return pending.answer(Err(Error::failed("the plugin was not started"))),
    };
    let state = state as usize;
    let job = move || {
        // SAFETY: as above, and `stop` waits for the threads of the pool before the state goes.
        let running = unsafe { &*(state as *const Running<D::Provisioner>) };
        pending.answer(guarded(|| D::TABLE.serve(operation, &running.plugin, &request, &running.context)));
    };
    if let Err(error) = running.pool.run(Box::new(job)) {
        // The job was dropped, and so answered.
        running.context.log(Level::Error, &format!("no thread for an operation: {error}"));
    }
}

unsafe extern "C" fn stop<D: Definition>(state: *mut c_void) {
    let state = state as *mut Running<D::Provisioner>;
    // SAFETY: null or what `start` made.
    if let Some(running) = unsafe { state.as_ref() } {
        running.pool.end();
        // SAFETY: balances `start`; the node calls stop once, and the threads that used it have ended.
        let running = unsafe { Box::from_raw(state) };
        // What the author's code does at its end must not cross into C either.
        let _ = guarded(|| {
            drop(running);
            Ok(())
        });
    }
}

/// The one answer that a request gets, whatever happens to the job.
struct Pending {
    done: Done,
    token: usize,
    is_answered: bool,
}

impl Pending {
    fn answer(mut self, answer: Result<Value, Error>) {
        self.send(&answer);
    }

    fn send(&mut self, answer: &Result<Value, Error>) {
        self.is_answered = true;
        let (status, reply) = match answer {
            Ok(value) => (0, value.to_string()),
            Err(error) => (error.status as i32, error.to_json().to_string()),
        };
        // SAFETY: the node's function, with the token of this request, called once; the reply outlives the call.
        unsafe { (self.done)(self.token as *mut c_void, status, Bytes::new(reply.as_bytes()), Descriptors::new(&[])) }
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        if !self.is_answered {
            self.send(&Err(Error::unavailable("the plugin has no thread for this; try again")));
        }
    }
}

/// Runs the author's code. A panic becomes an error: it must not cross into C.
fn guarded<T>(body: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
    catch_unwind(AssertUnwindSafe(body)).unwrap_or_else(|panic| {
        Err(Error::new(Status::Failed, "panic", format!("the plugin panicked: {}", reason(&*panic))))
    })
}

fn reason(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("no reason given")
}
