//! Where Rust meets the C ABI. Everything unsafe of this crate is here and in [`crate::abi`].

mod entry;
mod node;
mod pool;
mod table;

pub use entry::{describe, Definition};
pub use table::Table;

pub(crate) use node::Node;

/// Exports a plugin: `id` as in the manifest, the type that provisions, and its further abilities by the name of what
/// the table calls them: `initializing`, `updating`, `pausing`, `validating`, `measuring`, `referencing`, `commanding`,
/// `health_checking`, `companion_watching`, `recovering`, `migrating`, `timer_handling`. The version is the crate's.
///
/// An ability that is listed without its trait, does not compile.
#[macro_export]
macro_rules! plugin {
    (id: $id:expr, provisioner: $provisioner:ty $(, abilities: [$($ability:ident),* $(,)?])? $(,)?) => {
        struct ZosPluginDefinition;

        impl $crate::boundary::Definition for ZosPluginDefinition {
            type Provisioner = $provisioner;
            const ID: &'static str = concat!($id, "\0");
            const VERSION: &'static str = concat!(env!("CARGO_PKG_VERSION"), "\0");
            const TABLE: $crate::boundary::Table<$provisioner> =
                $crate::boundary::Table::new()$($(.$ability())*)?;
        }

        /// The one symbol of this object.
        #[no_mangle]
        pub extern "C" fn zos_plugin_entry(host_abi: u32) -> *const $crate::abi::Plugin {
            static PLUGINS: [$crate::abi::Plugin; $crate::abi::ABI as usize] =
                $crate::boundary::describe::<ZosPluginDefinition>();
            match PLUGINS.iter().find(|plugin| plugin.abi == host_abi) {
                Some(plugin) => plugin,
                None => ::std::ptr::null(),
            }
        }
    };
}
