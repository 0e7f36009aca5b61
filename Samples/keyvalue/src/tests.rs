use crate::zos_plugin_entry;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use zos_plugin::abi::operation;
use zos_plugin::testing::{subject, Harness};
use zos_plugin::{Error, Status, Value};

/// A pool of the test's own, gone at its end.
struct Pool(PathBuf);

impl Pool {
    fn new() -> Pool {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("keyvalue-{}-{number}", std::process::id()));
        fs::create_dir(&path).unwrap();
        Pool(path)
    }

    fn start(&self) -> Harness {
        Harness::with(zos_plugin_entry, Value::object::<String>([]), &[("pool", &self.0)]).unwrap()
    }

    fn store(&self, id: &str) -> PathBuf {
        self.0.join("stores").join(id)
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn data(quota: u64, entries: u64) -> Value {
    Value::object([("quota", quota.into()), ("entries_max", entries.into())])
}

fn workload(twin: u32, quota: u64, entries: u64) -> Value {
    subject("keyvalue", twin, 12, "mine", data(quota, entries))
}

struct Owner<'a>(&'a Harness, u32, Value);

impl Owner<'_> {
    fn ask(&self, name: &str, members: &[(&str, &str)]) -> Result<Value, Error> {
        let mut payload = vec![("store", Value::from("mine"))];
        payload.extend(members.iter().map(|(name, text)| (*name, (*text).into())));
        self.0.command(&format!("keyvalue.{name}"), self.1, Value::object(payload), &[self.2.clone()])
    }

    fn put(&self, key: &str, value: &str) -> Result<Value, Error> {
        self.ask("put", &[("key", key), ("value", value)])
    }

    fn get(&self, key: &str) -> Result<String, Error> {
        Ok(self.ask("get", &[("key", key)])?.text("value")?.to_owned())
    }
}

fn provisioned(plugin: &Harness, twin: u32, quota: u64, entries: u64) -> Owner<'_> {
    let workload = workload(twin, quota, entries);
    plugin.provision(&workload).unwrap();
    Owner(plugin, twin, workload)
}

fn files(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn entries_are_kept_replaced_listed_and_deleted() {
    let pool = Pool::new();
    let plugin = pool.start();
    let owner = provisioned(&plugin, 7, 1000, 10);
    owner.put("a", "first").unwrap();
    owner.put("b.txt", "é\u{0}\n").unwrap();
    let usage = owner.put("a", "second").unwrap();
    assert_eq!((usage.unsigned("bytes"), usage.unsigned("entries")), (Ok(1 + 6 + 5 + 4), Ok(2)));
    assert_eq!((owner.get("a").unwrap().as_str(), owner.get("b.txt").unwrap().as_str()), ("second", "é\u{0}\n"));
    assert_eq!(
        owner.ask("list", &[]).unwrap().get("keys").unwrap().to_string(),
        r#"[{"key":"a","size":6},{"key":"b.txt","size":4}]"#
    );
    assert_eq!(owner.ask("list", &[("after", "a")]).unwrap().list("keys").unwrap().len(), 1);
    owner.ask("delete", &[("key", "a")]).unwrap();
    assert_eq!(owner.get("a").unwrap_err().code, "not_found");
    assert_eq!(files(&pool.store("7-12-mine")), ["b.txt"]);
}

#[test]
fn a_second_provision_keeps_what_is_there() {
    let pool = Pool::new();
    let plugin = pool.start();
    let owner = provisioned(&plugin, 7, 1000, 10);
    owner.put("a", "kept").unwrap();
    let outcome = plugin.provision(&owner.2).unwrap();
    assert_eq!(outcome.get("result").unwrap().unsigned("bytes"), Ok(5));
    assert_eq!(owner.get("a").unwrap(), "kept");
}

#[test]
fn entries_survive_the_process_and_half_written_ones_do_not() {
    let pool = Pool::new();
    let first = pool.start();
    provisioned(&first, 7, 1000, 10).put("a", "kept").unwrap();
    drop(first);
    fs::write(pool.store("7-12-mine").join(".new"), "half").unwrap();
    let second = pool.start();
    // Without a provision in between, as when a worker was replaced.
    assert_eq!(Owner(&second, 7, workload(7, 1000, 10)).get("a").unwrap(), "kept");
    assert_eq!(files(&pool.store("7-12-mine")), ["a"]);
}

#[test]
fn quotas_are_kept_to_the_byte() {
    let pool = Pool::new();
    let plugin = pool.start();
    let owner = provisioned(&plugin, 7, 10, 2);
    owner.put("a", "123456").unwrap();
    let error = owner.put("b", "123").unwrap_err();
    assert_eq!((error.status, error.code.as_str()), (Status::Invalid, "quota"));
    assert!(error.message.contains("11 bytes, the quota is 10"), "{error}");
    owner.put("b", "12").unwrap();
    assert_eq!(owner.put("c", "").unwrap_err().code, "quota");
    assert_eq!(owner.put("a", "1234567").unwrap_err().code, "quota");
    assert_eq!(owner.get("a").unwrap(), "123456", "a refused put leaves the entry alone");
    owner.put("a", "").unwrap();
    assert_eq!(
        owner.put("c", "").unwrap_err().message,
        "the store is full with 2 entries; delete some or update the workload"
    );
}

#[test]
fn a_quota_below_the_use_is_refused_and_a_larger_one_taken() {
    let pool = Pool::new();
    let plugin = pool.start();
    let owner = provisioned(&plugin, 7, 10, 2);
    owner.put("a", "123456789").unwrap();
    let small = plugin.update(&workload(7, 9, 2), data(10, 2)).unwrap();
    assert_eq!(small.text("outcome"), Ok("unchanged"));
    assert!(small.text("message").unwrap().contains("10 bytes, more than the new quota of 9"));
    let large = plugin.update(&workload(7, 20, 1), data(10, 2)).unwrap();
    assert_eq!(large.get("result").unwrap().unsigned("quota"), Ok(20));
    let owner = Owner(&plugin, 7, workload(7, 20, 1));
    owner.put("a", "1234567890").unwrap();
    owner.put("b", "").unwrap_err();
}

#[test]
fn hostile_keys_are_refused_and_touch_nothing() {
    let pool = Pool::new();
    let plugin = pool.start();
    let owner = provisioned(&plugin, 7, 1000, 10);
    let long = "k".repeat(129);
    let keys = [
        "",
        ".",
        "..",
        "../7-12-other/a",
        "/etc/passwd",
        "a/b",
        "a\\b",
        ".new",
        "a\u{0}b",
        "a b",
        "é",
        "-a",
        "a\n",
        &long,
    ];
    for key in keys {
        for (command, value) in [("put", "x"), ("get", ""), ("delete", "")] {
            let error = owner.ask(command, &[("key", key), ("value", value)]).unwrap_err();
            assert_eq!((error.status, error.code.as_str()), (Status::Invalid, "invalid"), "{command} {key:?}");
        }
    }
    assert!(files(&pool.store("7-12-mine")).is_empty());
    assert_eq!(files(&pool.0), ["stores"]);
}

#[test]
fn hostile_workload_ids_are_refused_and_touch_nothing() {
    let pool = Pool::new();
    let plugin = pool.start();
    for id in ["..", "7-12-../x", "/tmp/x", "7-12-a/b", "", "7-12-\u{0}", ".7"] {
        let mut members = workload(7, 10, 10).as_object().unwrap().clone();
        members.insert("id".into(), id.into());
        let hostile = Value::Object(members);
        assert_eq!(plugin.provision(&hostile).unwrap_err().status, Status::Invalid, "{id:?}");
        assert_eq!(plugin.deprovision(&hostile).unwrap_err().status, Status::Invalid, "{id:?}");
    }
    assert!(files(&pool.0.join("stores")).is_empty());
}

#[test]
fn a_twin_never_reaches_another_twins_store() {
    let pool = Pool::new();
    let plugin = pool.start();
    let owner = provisioned(&plugin, 7, 1000, 10);
    owner.put("a", "secret").unwrap();
    // The node hands over the caller's own workloads only: none, or one of the same name.
    let payload = Value::object([("store", "mine".into()), ("key", "a".into())]);
    assert!(plugin
        .command("keyvalue.get", 8, payload.clone(), &[])
        .unwrap_err()
        .message
        .contains("twin 8 has no workload mine"));
    let other = provisioned(&plugin, 8, 1000, 10);
    assert_eq!(other.get("a").unwrap_err().code, "not_found");
    other.put("a", "mine").unwrap();
    assert_eq!(owner.get("a").unwrap(), "secret");
    plugin.deprovision(&other.2).unwrap();
    assert_eq!(owner.get("a").unwrap(), "secret");
}

#[test]
fn of_two_stores_with_one_name_the_contract_decides() {
    let pool = Pool::new();
    let plugin = pool.start();
    let (one, two) = (subject("keyvalue", 7, 12, "mine", data(99, 9)), subject("keyvalue", 7, 13, "mine", data(99, 9)));
    for workload in [&one, &two] {
        plugin.provision(workload).unwrap();
    }
    let put = |contract: Option<u64>| {
        let mut payload = vec![("store", "mine".into()), ("key", "a".into()), ("value", "x".into())];
        payload.extend(contract.map(|contract| ("contract", contract.into())));
        plugin.command("keyvalue.put", 7, Value::object(payload), &[one.clone(), two.clone()])
    };
    assert!(put(None).unwrap_err().message.contains("name the contract"));
    put(Some(13)).unwrap();
    assert!(files(&pool.store("7-12-mine")).is_empty() && files(&pool.store("7-13-mine")) == ["a"]);
}

#[test]
fn deprovision_removes_the_files_and_can_be_repeated() {
    let pool = Pool::new();
    let plugin = pool.start();
    let owner = provisioned(&plugin, 7, 1000, 10);
    owner.put("a", "gone").unwrap();
    for _ in 0..2 {
        plugin.deprovision(&owner.2).unwrap();
        assert!(files(&pool.0.join("stores")).is_empty());
    }
    assert!(owner.get("a").unwrap_err().message.contains("cannot open the store"));
    plugin.provision(&owner.2).unwrap();
    assert_eq!(owner.get("a").unwrap_err().code, "not_found");
}

#[test]
fn capacity_counts_bytes_and_what_entries_take_on_disk() {
    let pool = Pool::new();
    let plugin = pool.start();
    let measured = |data| plugin.ask(operation::CAPACITY, &Value::object([("data", data)])).unwrap().unsigned("sru");
    assert_eq!(measured(data(1000, 2)), Ok(1000 + 2 * 4096));
    assert_eq!(measured(data(u64::MAX, u64::MAX)), Ok(u64::MAX));
}

#[test]
fn without_its_folder_it_does_not_start() {
    let error = Harness::with(zos_plugin_entry, Value::Null, &[]).err().unwrap();
    assert!(error.message.contains("no folder \"pool\""), "{error}");
}
