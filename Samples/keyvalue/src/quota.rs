use crate::store::Usage;
use zos_plugin::{Error, Status, Value};

/// What a store may hold, as its data says.
pub struct Quota {
    bytes: u64,
    entries: u64,
}

/// What an entry takes on disk beside its bytes: a block's rest and its place in the folder.
const ENTRY_OVERHEAD: u64 = 4096;

impl Quota {
    pub fn new(data: &Value) -> Result<Quota, Error> {
        Ok(Quota { bytes: data.unsigned("quota")?, entries: data.unsigned("entries_max")? })
    }

    /// What the node has to keep free for it.
    pub fn on_disk(&self) -> u64 {
        self.bytes.saturating_add(self.entries.saturating_mul(ENTRY_OVERHEAD))
    }

    /// Why it cannot become the quota of a store that is used like that.
    pub fn refusal(&self, usage: Usage) -> Option<String> {
        if usage.bytes > self.bytes {
            return Some(format!("the store holds {} bytes, more than the new quota of {}", usage.bytes, self.bytes));
        }
        if usage.entries > self.entries {
            return Some(format!("the store holds {} entries, more than the new {}", usage.entries, self.entries));
        }
        None
    }

    /// Fails unless a store may come to be used like that.
    pub fn check(&self, usage: Usage) -> Result<(), Error> {
        if usage.bytes > self.bytes {
            let message = format!("this would make {} bytes, the quota is {}", usage.bytes, self.bytes);
            return Err(Error::new(Status::Invalid, "quota", message + "; delete entries or update the workload"));
        }
        if usage.entries > self.entries {
            let message = format!("the store is full with {} entries", self.entries);
            return Err(Error::new(Status::Invalid, "quota", message + "; delete some or update the workload"));
        }
        Ok(())
    }

    pub fn report(&self, usage: Usage) -> Value {
        Value::object([
            ("bytes", usage.bytes.into()),
            ("quota", self.bytes.into()),
            ("entries", usage.entries.into()),
            ("entries_max", self.entries.into()),
        ])
    }
}
