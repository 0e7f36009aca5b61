//! Everything that the author of a workload type needs beside the standard library.
//!
//! A plugin is a type that implements [`Provisioner`], further abilities as traits of their own ([`Updating`],
//! [`Commanding`] and so on), and one line that exports it:
//!
//! ```
//! use zos_plugin::{plugin, Context, Error, Outcome, Provisioner, Value, Workload};
//!
//! struct Greeter;
//!
//! impl Provisioner for Greeter {
//!     fn start(_: &Context) -> Result<Self, Error> {
//!         Ok(Greeter)
//!     }
//!     fn provision(&self, workload: &Workload, _: &Context) -> Result<Outcome, Error> {
//!         let name = workload.data.text("name")?;
//!         Ok(Outcome::ready(Value::object([("greeting", format!("hello, {name}").into())])))
//!     }
//!     fn deprovision(&self, _: &Workload, _: &Context) -> Result<(), Error> {
//!         Ok(())
//!     }
//! }
//!
//! plugin! { id: "org.example.greeter", provisioner: Greeter }
//! # fn main() { assert!(!zos_plugin_entry(1).is_null()); }
//! ```
//!
//! Operations run on threads of the plugin's own, so they may wait. A panic ends the operation with an error, not the
//! plugin. What crosses to the node is in [`abi`]; shapes of requests and replies are in the plugin protocol.

#![warn(missing_docs)]
#![deny(unsafe_op_in_unsafe_fn)]

pub mod abi;
mod abilities;
pub mod boundary;
mod context;
mod error;
mod json;
mod outcome;
pub mod testing;
mod workload;

pub use abilities::{
    Capacity, Command, Commanding, CompanionAction, CompanionExit, CompanionWatching, Health, HealthChecking,
    Initializing, Measuring, Migrating, Pausing, Provisioner, Recovering, ReferenceRequest, Referencing, Timer,
    TimerHandling, Updating, Validating,
};
pub use context::{Context, Folder, Level, Reply};
pub use error::{Error, Status};
pub use json::{Limits, Number, ParseError, Value};
pub use outcome::{Export, Outcome, State};
pub use workload::{Reference, Sibling, Workload};
