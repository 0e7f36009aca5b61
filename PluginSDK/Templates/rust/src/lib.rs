//! Workloads of type `__type__`: a greeting for a name, with nothing on the host.

use zos_plugin::{plugin, Context, Error, Outcome, Provisioner, Updating, Validating, Value, Workload};

#[cfg(test)]
mod tests;

struct __Type__;

impl Provisioner for __Type__ {
    fn start(_: &Context) -> Result<Self, Error> {
        Ok(__Type__)
    }

    fn provision(&self, workload: &Workload, context: &Context) -> Result<Outcome, Error> {
        self.validate(workload, context)?;
        let greeting = format!("hello, {}", workload.data.text("name")?);
        Ok(Outcome::ready(Value::object([("greeting", greeting.into())])))
    }

    fn deprovision(&self, _: &Workload, _: &Context) -> Result<(), Error> {
        Ok(())
    }
}

impl Validating for __Type__ {
    fn validate(&self, workload: &Workload, _: &Context) -> Result<(), Error> {
        match workload.data.text("name")?.trim() {
            "" => Err(Error::invalid("name must be more than blanks")),
            _ => Ok(()),
        }
    }
}

impl Updating for __Type__ {
    fn update(&self, workload: &Workload, _: &Value, context: &Context) -> Result<Outcome, Error> {
        self.provision(workload, context)
    }
}

plugin! { id: "__id__", provisioner: __Type__, abilities: [validating, updating] }
