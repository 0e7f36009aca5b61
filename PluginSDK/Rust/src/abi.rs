//! `zos_plugin.h` in Rust. Authors do not need it; it is public for those who write their own boundary.

use std::ffi::c_void;
use std::os::raw::c_char;

/// The newest version of the ABI that this crate speaks; it also speaks all before it.
pub const ABI: u32 = 2;

/// Borrowed bytes, valid for the duration of the call that passes them.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Bytes {
    /// May be null when `length` is 0.
    pub pointer: *const u8,
    /// In bytes.
    pub length: u64,
}

impl Bytes {
    /// The bytes of a slice, for as long as the slice lives.
    pub fn new(bytes: &[u8]) -> Bytes {
        Bytes { pointer: bytes.as_ptr(), length: bytes.len() as u64 }
    }

    /// A copy of them.
    ///
    /// # Safety
    /// `pointer` must be null or have `length` readable bytes.
    pub unsafe fn to_vec(self) -> Vec<u8> {
        if self.pointer.is_null() || self.length == 0 {
            return Vec::new();
        }
        // SAFETY: the caller vouches for the bytes; a length beyond the address space cannot be of real bytes.
        unsafe { std::slice::from_raw_parts(self.pointer, self.length as usize) }.to_vec()
    }
}

/// Borrowed numbers of open descriptors.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Descriptors {
    /// May be null when `count` is 0.
    pub pointer: *const i32,
    /// At most 16.
    pub count: u32,
}

impl Descriptors {
    /// The numbers of a slice, for as long as the slice lives.
    pub fn new(numbers: &[i32]) -> Descriptors {
        Descriptors { pointer: numbers.as_ptr(), count: numbers.len() as u32 }
    }

    /// A copy of the numbers.
    ///
    /// # Safety
    /// `pointer` must be null or have `count` readable numbers.
    pub unsafe fn to_vec(self) -> Vec<i32> {
        if self.pointer.is_null() || self.count == 0 {
            return Vec::new();
        }
        // SAFETY: the caller vouches for the numbers.
        unsafe { std::slice::from_raw_parts(self.pointer, self.count as usize) }.to_vec()
    }
}

/// Answers one request, once, from any thread.
pub type Done = unsafe extern "C" fn(token: *mut c_void, status: i32, reply: Bytes, descriptors: Descriptors);

/// What the node offers. Valid from `start` until after `stop`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Host {
    /// The node's size of this struct.
    pub size: u32,
    /// The version in use.
    pub abi: u32,
    /// Goes back with every call.
    pub context: *mut c_void,
    /// Writes a line to the node's log.
    pub log: unsafe extern "C" fn(context: *mut c_void, level: u32, message: Bytes),
    /// Asks a service of the node.
    pub call: unsafe extern "C" fn(
        context: *mut c_void,
        service: Bytes,
        request: Bytes,
        descriptors: Descriptors,
        done: Done,
        token: *mut c_void,
    ),
}

/// What a plugin is.
#[repr(C)]
pub struct Plugin {
    /// The plugin's size of this struct.
    pub size: u32,
    /// The version that it speaks.
    pub abi: u32,
    /// As in the manifest, with a zero byte at the end.
    pub id: *const c_char,
    /// As in the manifest, with a zero byte at the end.
    pub version: *const c_char,
    /// `1 << operation` of each operation that it has.
    pub abilities: u64,
    /// Starts it.
    pub start: unsafe extern "C" fn(host: *const Host, configuration: Bytes, state: *mut *mut c_void) -> i32,
    /// Serves one operation.
    pub handle: unsafe extern "C" fn(
        state: *mut c_void,
        operation: u32,
        request: Bytes,
        descriptors: Descriptors,
        done: Done,
        token: *mut c_void,
    ),
    /// Ends it.
    pub stop: unsafe extern "C" fn(state: *mut c_void),
}

// SAFETY: nothing in it changes after it was made, and its texts are constant.
unsafe impl Sync for Plugin {}

/// Numbers of operations, `ZOS_OPERATION_*`.
#[allow(missing_docs)]
pub mod operation {
    pub const INITIALIZE: u32 = 1;
    pub const VALIDATE: u32 = 2;
    pub const CAPACITY: u32 = 3;
    pub const REFERENCES: u32 = 4;
    pub const PROVISION: u32 = 5;
    pub const UPDATE: u32 = 6;
    pub const PAUSE: u32 = 7;
    pub const RESUME: u32 = 8;
    pub const DEPROVISION: u32 = 9;
    pub const COMMAND: u32 = 10;
    pub const HEALTH: u32 = 11;
    pub const COMPANION_EXITED: u32 = 12;
    // Since ABI 2.
    pub const METRICS: u32 = 13;
    pub const RECOVER: u32 = 14;
    pub const MIGRATE: u32 = 15;
    pub const TIMER: u32 = 16;
}
