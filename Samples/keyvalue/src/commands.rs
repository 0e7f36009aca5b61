use crate::quota::Quota;
use crate::stores::Stores;
use zos_plugin::{Command, Error, Value};

/// Keys in one answer of `keyvalue.list`.
const PAGE: usize = 1000;

/// Answers `keyvalue.get|put|delete|list`. Which store is meant is looked up among the caller's own workloads, so a twin
/// can name no other.
pub fn answer(command: &Command, stores: &Stores) -> Result<Value, Error> {
    let payload = &command.payload;
    let contract = payload.get("contract").and_then(Value::as_u64);
    let workload = command.workload(payload.text("store")?, contract)?;
    let quota = Quota::new(&workload.data)?;
    stores.with(&workload.id, |store| match command.name.as_str() {
        "keyvalue.get" => {
            let value = store.get(payload.text("key")?)?;
            Ok(Value::object([("value", value.into())]))
        }
        "keyvalue.put" => {
            store.put(payload.text("key")?, payload.text("value")?, &quota)?;
            Ok(quota.report(store.usage()))
        }
        "keyvalue.delete" => {
            store.delete(payload.text("key")?)?;
            Ok(quota.report(store.usage()))
        }
        "keyvalue.list" => {
            let after = payload.get("after").and_then(Value::as_str).unwrap_or("");
            let later = store.sizes().iter().filter(|(key, _)| key.as_str() > after);
            let page = later
                .take(PAGE)
                .map(|(key, size)| Value::object([("key", key.as_str().into()), ("size", (*size).into())]));
            Ok(Value::object([("keys", Value::array(page)), ("usage", quota.report(store.usage()))]))
        }
        other => Err(Error::unsupported(format!("there is no command {other}"))),
    })
}
