//! Workloads of type `keyvalue`: small stores that keep their entries as files, within a quota.

mod commands;
mod names;
mod quota;
mod store;
mod stores;
#[cfg(test)]
mod tests;

use quota::Quota;
use stores::Stores;
use zos_plugin::{
    plugin, Capacity, Command, Commanding, Context, Error, Measuring, Outcome, Provisioner, Updating, Value, Workload,
};

struct KeyValue {
    stores: Stores,
}

impl Provisioner for KeyValue {
    fn start(context: &Context) -> Result<Self, Error> {
        Ok(KeyValue { stores: Stores::open(context.folder("pool")?)? })
    }

    fn provision(&self, workload: &Workload, _: &Context) -> Result<Outcome, Error> {
        let quota = Quota::new(&workload.data)?;
        self.stores.create(&workload.id)?;
        self.outcome(workload, &quota)
    }

    fn deprovision(&self, workload: &Workload, _: &Context) -> Result<(), Error> {
        self.stores.remove(&workload.id)
    }
}

impl Updating for KeyValue {
    fn update(&self, workload: &Workload, _: &Value, _: &Context) -> Result<Outcome, Error> {
        let quota = Quota::new(&workload.data)?;
        match self.stores.with(&workload.id, |store| Ok(quota.refusal(store.usage())))? {
            Some(refusal) => Ok(Outcome::Unchanged(refusal)),
            None => self.outcome(workload, &quota),
        }
    }
}

impl Measuring for KeyValue {
    fn capacity(&self, data: &Value) -> Result<Capacity, Error> {
        Ok(Capacity { ssd: Quota::new(data)?.on_disk(), ..Capacity::default() })
    }
}

impl Commanding for KeyValue {
    fn command(&self, command: &Command, _: &Context) -> Result<Value, Error> {
        commands::answer(command, &self.stores)
    }
}

impl KeyValue {
    fn outcome(&self, workload: &Workload, quota: &Quota) -> Result<Outcome, Error> {
        self.stores.with(&workload.id, |store| Ok(Outcome::ready(quota.report(store.usage()))))
    }
}

plugin! { id: "org.zos.keyvalue", provisioner: KeyValue, abilities: [updating, measuring, commanding] }
