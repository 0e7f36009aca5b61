//! A plugin through its C functions, as the node calls them.

use zos_plugin::abi::operation;
use zos_plugin::testing::{subject, Harness};
use zos_plugin::{
    plugin, Capacity, Command, Commanding, Context, Error, Level, Measuring, Migrating, Outcome, Provisioner,
    Recovering, State, Status, Timer, TimerHandling, Updating, Value, Workload,
};

struct Probe;

impl Provisioner for Probe {
    fn start(context: &Context) -> Result<Self, Error> {
        match context.settings().get("refuse") {
            Some(_) => Err(Error::invalid("the settings say no")),
            None => Ok(Probe),
        }
    }

    fn provision(&self, workload: &Workload, context: &Context) -> Result<Outcome, Error> {
        match workload.data.text("do")? {
            "panic" => panic!("on purpose"),
            "call" => {
                let reply = context.call("node.facts", Value::object::<String>([]))?;
                Ok(Outcome::ready(reply.value)
                    .keeping(2, workload.id.as_str().into())
                    .exporting("address", Value::Null))
            }
            "log" => {
                context.log(Level::Notice, "a line");
                context.progress("half way")?;
                Ok(Outcome::Present)
            }
            other => Err(Error::unavailable(format!("cannot {other}"))),
        }
    }

    fn deprovision(&self, _: &Workload, _: &Context) -> Result<(), Error> {
        Ok(())
    }
}

impl Migrating for Probe {
    fn migrate(&self, _: &Workload, state: &State, _: &Context) -> Result<State, Error> {
        Ok(State { version: 2, data: Value::array([state.data.clone()]) })
    }
}

impl Recovering for Probe {
    fn recover(&self, workload: &Workload, _: &Context) -> Result<Outcome, Error> {
        Ok(Outcome::ready(workload.result.clone().unwrap_or(Value::Null)))
    }
}

impl TimerHandling for Probe {
    fn timer(&self, timer: &Timer, context: &Context) -> Result<(), Error> {
        context.log(Level::Info, &format!("{} {} {}", timer.name, timer.due, timer.content));
        Ok(())
    }
}

impl Updating for Probe {
    fn update(&self, _: &Workload, previous: &Value, _: &Context) -> Result<Outcome, Error> {
        Ok(Outcome::Unchanged(format!("was {previous}")))
    }
}

impl Measuring for Probe {
    fn capacity(&self, data: &Value) -> Result<Capacity, Error> {
        Ok(Capacity { ssd: data.unsigned("size")?, ..Capacity::default() })
    }
}

impl Commanding for Probe {
    fn command(&self, command: &Command, _: &Context) -> Result<Value, Error> {
        Ok(command.workload(command.payload.text("name")?, None)?.id.as_str().into())
    }
}

plugin! { id: "org.example.probe", provisioner: Probe, abilities: [updating, measuring, commanding, migrating, recovering, timer_handling] }

fn workload(what: &str) -> Value {
    subject("probe", 7, 12, "data", Value::object([("do", what.into())]))
}

#[test]
fn abilities_are_those_of_the_table_that_the_nodes_version_knows() {
    let bits = |operations: &[u32]| operations.iter().map(|operation| 1 << operation).sum::<u64>();
    let old = bits(&[
        operation::PROVISION,
        operation::DEPROVISION,
        operation::UPDATE,
        operation::CAPACITY,
        operation::COMMAND,
    ]);
    let new = old + bits(&[operation::RECOVER, operation::MIGRATE, operation::TIMER]);
    assert_eq!(Harness::new(zos_plugin_entry).abilities(), new);
    assert_eq!(unsafe { (*zos_plugin_entry(1)).abilities }, old);
}

#[test]
fn what_came_with_abi_2_reaches_the_provisioner() {
    let plugin = Harness::new(zos_plugin_entry);
    let mut members = workload("x").as_object().unwrap().clone();
    members.insert("state".into(), Value::object([("version", 1.into()), ("data", 5.into())]));
    members.insert("result".into(), "old".into());
    let request = Value::object([("subject", Value::Object(members))]);
    assert_eq!(plugin.ask(operation::MIGRATE, &request).unwrap().to_string(), r#"{"state":{"data":[5],"version":2}}"#);
    assert_eq!(plugin.ask(operation::RECOVER, &request).unwrap().text("result").unwrap(), "old");
    let lacking = Value::object([("subject", workload("x"))]);
    assert_eq!(plugin.ask(operation::MIGRATE, &lacking).unwrap_err().status, Status::Invalid);
    let timer =
        Value::object([("timer", "t".into()), ("due", 7.into()), ("content", true.into()), ("subject", Value::Null)]);
    assert_eq!(plugin.ask(operation::TIMER, &timer).unwrap().to_string(), "{}");
    assert_eq!(plugin.lines(), ["t 7 true"]);
}

#[test]
fn versions_that_the_crate_does_not_speak_are_refused() {
    assert!(zos_plugin_entry(0).is_null());
    assert!(zos_plugin_entry(zos_plugin::abi::ABI + 1).is_null());
    for abi in 1..=zos_plugin::abi::ABI {
        assert_eq!(unsafe { (*zos_plugin_entry(abi)).abi }, abi);
    }
}

#[test]
fn operations_reach_the_provisioner_and_answers_the_node() {
    let plugin = Harness::new(zos_plugin_entry);
    plugin.answer("node.facts", |_| Ok(Value::object([("cpus", 2.into())])));
    let outcome = plugin.provision(&workload("call")).unwrap();
    assert_eq!(
        outcome.to_string(),
        r#"{"exports":[{"kind":"address","value":null}],"outcome":"ready","result":{"cpus":2},"state":{"data":"7-12-data","version":2}}"#
    );
    assert_eq!(plugin.calls()[0].1.text("workload").unwrap(), "7-12-data");
    assert_eq!(plugin.provision(&workload("log")).unwrap().text("outcome").unwrap(), "present");
    assert_eq!(plugin.lines(), ["a line"]);
    assert_eq!(plugin.update(&workload("x"), 5.into()).unwrap().text("message").unwrap(), "was 5");
    let measured =
        plugin.ask(operation::CAPACITY, &Value::object([("data", Value::object([("size", 9.into())]))])).unwrap();
    assert_eq!(measured.unsigned("sru"), Ok(9));
    let name = Value::object([("name", "data".into())]);
    assert_eq!(plugin.command("probe.id", 7, name, &[workload("x")]).unwrap(), "7-12-data".into());
    assert_eq!(plugin.deprovision(&workload("x")).unwrap().to_string(), "{}");
}

#[test]
fn a_panic_fails_its_operation_and_nothing_else() {
    let plugin = Harness::new(zos_plugin_entry);
    let error = plugin.provision(&workload("panic")).unwrap_err();
    assert_eq!((error.status, error.code.as_str()), (Status::Failed, "panic"));
    assert!(error.message.contains("on purpose"));
    assert!(plugin.provision(&workload("log")).is_ok());
}

#[test]
fn errors_keep_their_status_and_words() {
    let plugin = Harness::new(zos_plugin_entry);
    assert_eq!(plugin.provision(&workload("dance")).unwrap_err(), Error::unavailable("cannot dance"));
    assert_eq!(plugin.provision(&workload("call")).unwrap_err().status, Status::Unsupported);
    assert_eq!(plugin.ask(99, &Value::Null).unwrap_err().status, Status::Unsupported);
    let refused = Harness::with(zos_plugin_entry, Value::object([("refuse", true.into())]), &[]);
    assert!(refused.err().unwrap().message.contains("the settings say no"));
}

#[test]
fn requests_that_make_no_sense_are_refused() {
    let plugin = Harness::new(zos_plugin_entry);
    let deep = vec![b'['; 1 << 16];
    let requests: [&[u8]; 10] = [
        b"",
        b"{",
        b"null",
        b"[]",
        b"{\"subject\":7}",
        b"{\"subject\":{\"id\":\"x\"}}",
        b"\xff\xfe",
        &deep,
        br#"{"subject":{"id":"1-1-a","twin":-1,"contract":1,"name":"a","type":"t","version":0,"data":{}}}"#,
        br#"{"subject":{"id":"1-1-a","twin":4294967296,"contract":1,"name":"a","type":"t","version":0,"data":{}}}"#,
    ];
    for request in requests {
        for operation in [operation::PROVISION, operation::UPDATE, operation::DEPROVISION, operation::CAPACITY] {
            let error = plugin.ask_bytes(operation, request).unwrap_err();
            assert_eq!(error.status, Status::Invalid, "{}", String::from_utf8_lossy(request));
        }
    }
}

#[test]
fn many_operations_run_side_by_side() {
    let plugin = Harness::new(zos_plugin_entry);
    std::thread::scope(|scope| {
        for _ in 0..40 {
            scope.spawn(|| assert!(plugin.provision(&workload("log")).is_ok()));
        }
    });
}
