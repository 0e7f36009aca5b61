use crate::zos_plugin_entry;
use zos_plugin::testing::{subject, Harness};
use zos_plugin::{Error, Value};

fn workload(name: &str) -> Value {
    subject("__type__", 1, 2, "mine", Value::object([("name", name.into())]))
}

fn greeting(outcome: &Value) -> Option<&str> {
    outcome.get("result")?.get("greeting")?.as_str()
}

#[test]
fn greets_by_name() {
    let plugin = Harness::new(zos_plugin_entry);
    assert_eq!(greeting(&plugin.provision(&workload("grid")).unwrap()), Some("hello, grid"));
}

#[test]
fn a_second_provision_changes_nothing() {
    let plugin = Harness::new(zos_plugin_entry);
    assert_eq!(plugin.provision(&workload("grid")), plugin.provision(&workload("grid")));
}

#[test]
fn greets_by_the_new_name_after_an_update() {
    let plugin = Harness::new(zos_plugin_entry);
    let outcome = plugin.update(&workload("world"), Value::object([("name", "grid".into())])).unwrap();
    assert_eq!(greeting(&outcome), Some("hello, world"));
}

#[test]
fn a_blank_name_is_refused() {
    let plugin = Harness::new(zos_plugin_entry);
    assert_eq!(plugin.provision(&workload("  ")), Err(Error::invalid("name must be more than blanks")));
}

#[test]
fn deprovision_of_nothing_is_fine() {
    assert!(Harness::new(zos_plugin_entry).deprovision(&workload("grid")).is_ok());
}
