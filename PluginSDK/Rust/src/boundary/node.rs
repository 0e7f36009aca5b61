use crate::abi::{Bytes, Descriptors, Host};
use crate::{Error, Reply, Value};
use std::ffi::c_void;
use std::os::unix::io::{AsRawFd, BorrowedFd, OwnedFd};
use std::sync::{Arc, Condvar, Mutex, PoisonError};

/// The node's functions.
#[derive(Clone, Copy)]
pub(crate) struct Node(Host);

// SAFETY: zos_plugin.h lets the node's functions be called from any thread, until after `stop`; `context` is for the
// node alone.
unsafe impl Send for Node {}
// SAFETY: as above.
unsafe impl Sync for Node {}

type Answer = Result<Reply, Error>;

/// Where an answer arrives for the thread that waits for it.
#[derive(Default)]
struct Letterbox {
    answer: Mutex<Option<Answer>>,
    arrival: Condvar,
}

impl Node {
    /// # Safety
    /// `host` must be what the node gave to `start`.
    pub(super) unsafe fn new(host: *const Host) -> Node {
        // SAFETY: the caller vouches for it; a copy is made so that nothing refers to the node's struct.
        Node(unsafe { *host })
    }

    pub(crate) fn log(&self, level: u32, message: &str) {
        // SAFETY: the message outlives the call.
        unsafe { (self.0.log)(self.0.context, level, Bytes::new(message.as_bytes())) }
    }

    /// Waits for the answer: the node gives one to every call, or ends the process.
    pub(crate) fn call(&self, service: &str, request: &str, descriptors: &[BorrowedFd<'_>]) -> Answer {
        let numbers: Vec<i32> = descriptors.iter().map(AsRawFd::as_raw_fd).collect();
        let letterbox = Arc::new(Letterbox::default());
        let token = Arc::into_raw(letterbox.clone()) as *mut c_void;
        // SAFETY: everything that is passed outlives the call, and `receive` takes back the reference in `token`.
        unsafe {
            (self.0.call)(
                self.0.context,
                Bytes::new(service.as_bytes()),
                Bytes::new(request.as_bytes()),
                Descriptors::new(&numbers),
                receive,
                token,
            )
        }
        let mut answer = letterbox.answer.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(answer) = answer.take() {
                return answer;
            }
            answer = letterbox.arrival.wait(answer).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

unsafe extern "C" fn receive(token: *mut c_void, status: i32, reply: Bytes, descriptors: Descriptors) {
    // SAFETY: the node calls this once per call, with the token that `Node::call` made.
    let letterbox = unsafe { Arc::from_raw(token as *const Letterbox) };
    // SAFETY: the node lends these for the duration of this call. Nothing here can panic but for want of memory, which
    // aborts.
    let (reply, numbers) = unsafe { (reply.to_vec(), descriptors.to_vec()) };
    let answer = if status == 0 { read(&reply, &numbers) } else { Err(Error::from_reply(status, &reply)) };
    *letterbox.answer.lock().unwrap_or_else(PoisonError::into_inner) = Some(answer);
    letterbox.arrival.notify_one();
}

fn read(reply: &[u8], numbers: &[i32]) -> Answer {
    let value = Value::parse(reply)?;
    let mut descriptors: Vec<OwnedFd> = Vec::with_capacity(numbers.len());
    for number in numbers.iter().copied().filter(|number| *number >= 0) {
        // SAFETY: the node keeps its descriptors open for the duration of `receive`, and closes them itself.
        let borrowed = unsafe { BorrowedFd::borrow_raw(number) };
        descriptors.push(borrowed.try_clone_to_owned().map_err(|error| Error::cannot("keep a descriptor", error))?);
    }
    Ok(Reply { value, descriptors })
}
