use crate::abi::operation;
use crate::workload::list;
use crate::{
    Command, Commanding, CompanionExit, CompanionWatching, Context, Error, HealthChecking, Initializing, Level,
    Measuring, Migrating, Pausing, Provisioner, Recovering, Referencing, Timer, TimerHandling, Updating, Validating,
    Value, Workload,
};

type Step<P> = fn(&P, &Value, &Context) -> Result<Value, Error>;

/// The operations that a provisioner has. Which ones can be added follows from its traits.
pub struct Table<P: Provisioner> {
    steps: [Option<Step<P>>; Table::<()>::LENGTH],
}

impl Table<()> {
    /// Numbers of operations are below this.
    const LENGTH: usize = 32;
}

impl Provisioner for () {
    fn start(_: &Context) -> Result<Self, Error> {
        Ok(())
    }
    fn provision(&self, _: &Workload, _: &Context) -> Result<crate::Outcome, Error> {
        Err(Error::unsupported("nothing is provisioned here"))
    }
    fn deprovision(&self, _: &Workload, _: &Context) -> Result<(), Error> {
        Ok(())
    }
}

impl<P: Provisioner> Table<P> {
    /// What every plugin has.
    pub const fn new() -> Table<P> {
        let empty = Table { steps: [None; Table::<()>::LENGTH] };
        empty.with(operation::PROVISION, provision::<P>).with(operation::DEPROVISION, deprovision::<P>)
    }

    const fn with(mut self, operation: u32, step: Step<P>) -> Table<P> {
        self.steps[operation as usize] = Some(step);
        self
    }

    /// `ZOS_ABILITY` bits of what is there. A node of an older ABI does not see what came later.
    pub const fn abilities(&self, abi: u32) -> u64 {
        let end = if abi < 2 { operation::METRICS as usize } else { Table::<()>::LENGTH };
        let mut bits = 0;
        let mut operation = 0;
        while operation < end {
            if self.steps[operation].is_some() {
                bits |= 1 << operation;
            }
            operation += 1;
        }
        bits
    }

    pub(super) fn serve(&self, operation: u32, plugin: &P, request: &[u8], context: &Context) -> Result<Value, Error> {
        let step = self.steps.get(operation as usize).copied().flatten();
        let step = step.ok_or_else(|| Error::unsupported(format!("this plugin knows no operation {operation}")))?;
        step(plugin, &Value::parse(request)?, context)
    }
}

impl<P: Provisioner> Default for Table<P> {
    fn default() -> Table<P> {
        Table::new()
    }
}

impl<P: Initializing> Table<P> {
    /// Adds [`Initializing`].
    pub const fn initializing(self) -> Table<P> {
        self.with(operation::INITIALIZE, |plugin: &P, request, context| {
            plugin.initialize(&readable(request, context)?, context).map(|()| done())
        })
    }
}

impl<P: Updating> Table<P> {
    /// Adds [`Updating`].
    pub const fn updating(self) -> Table<P> {
        self.with(operation::UPDATE, |plugin: &P, request, context| {
            let (workload, context) = subject(request, context)?;
            let previous = request.get("previous").unwrap_or(&Value::Null);
            plugin.update(&workload, previous, &context).map(|outcome| outcome.to_json())
        })
    }
}

impl<P: Pausing> Table<P> {
    /// Adds [`Pausing`].
    pub const fn pausing(self) -> Table<P> {
        let table = self.with(operation::PAUSE, |plugin: &P, request, context| {
            let (workload, context) = subject(request, context)?;
            plugin.pause(&workload, &context).map(|()| done())
        });
        table.with(operation::RESUME, |plugin: &P, request, context| {
            let (workload, context) = subject(request, context)?;
            plugin.resume(&workload, &context).map(|()| done())
        })
    }
}

impl<P: Validating> Table<P> {
    /// Adds [`Validating`].
    pub const fn validating(self) -> Table<P> {
        self.with(operation::VALIDATE, |plugin: &P, request, context| {
            let (workload, context) = subject(request, context)?;
            plugin.validate(&workload, &context).map(|()| done())
        })
    }
}

impl<P: Measuring> Table<P> {
    /// Adds [`Measuring`].
    pub const fn measuring(self) -> Table<P> {
        self.with(operation::CAPACITY, |plugin: &P, request, _| {
            plugin.capacity(request.get("data").unwrap_or(&Value::Null)).map(|capacity| capacity.to_json())
        })
    }
}

impl<P: Referencing> Table<P> {
    /// Adds [`Referencing`].
    pub const fn referencing(self) -> Table<P> {
        self.with(operation::REFERENCES, |plugin: &P, request, _| {
            let references = plugin.references(request.get("data").unwrap_or(&Value::Null))?;
            let references = references.iter().map(|reference| reference.to_json());
            Ok(Value::object([("references", Value::array(references))]))
        })
    }
}

impl<P: Commanding> Table<P> {
    /// Adds [`Commanding`].
    pub const fn commanding(self) -> Table<P> {
        self.with(operation::COMMAND, |plugin: &P, request, context| {
            let command = Command {
                name: request.text("command")?.to_owned(),
                caller: Command::caller_of(request)?,
                payload: request.get("payload").cloned().unwrap_or(Value::Null),
                workloads: readable(request, context)?,
            };
            plugin.command(&command, context)
        })
    }
}

impl<P: HealthChecking> Table<P> {
    /// Adds [`HealthChecking`].
    pub const fn health_checking(self) -> Table<P> {
        self.with(operation::HEALTH, |plugin: &P, _, context| plugin.health(context).map(|health| health.to_json()))
    }
}

impl<P: CompanionWatching> Table<P> {
    /// Adds [`CompanionWatching`].
    pub const fn companion_watching(self) -> Table<P> {
        self.with(operation::COMPANION_EXITED, |plugin: &P, request, context| {
            let exit = CompanionExit::from_json(request)?;
            let context = context.acting_for(Some(exit.workload.as_str()).filter(|id| !id.is_empty()));
            plugin.companion_exited(&exit, &context).map(|action| action.to_json())
        })
    }
}

impl<P: Recovering> Table<P> {
    /// Adds [`Recovering`].
    pub const fn recovering(self) -> Table<P> {
        self.with(operation::RECOVER, |plugin: &P, request, context| {
            let (workload, context) = subject(request, context)?;
            plugin.recover(&workload, &context).map(|outcome| outcome.to_json())
        })
    }
}

impl<P: Migrating> Table<P> {
    /// Adds [`Migrating`].
    pub const fn migrating(self) -> Table<P> {
        self.with(operation::MIGRATE, |plugin: &P, request, context| {
            let (workload, context) = subject(request, context)?;
            let state = workload.state.as_ref();
            let state = state.ok_or_else(|| Error::invalid("the workload has no state to migrate"))?;
            let migrated = plugin.migrate(&workload, state, &context)?;
            Ok(Value::object([("state", migrated.to_json())]))
        })
    }
}

impl<P: TimerHandling> Table<P> {
    /// Adds [`TimerHandling`].
    pub const fn timer_handling(self) -> Table<P> {
        self.with(operation::TIMER, |plugin: &P, request, context| {
            let subject = request.get("subject").filter(|subject| !subject.is_null());
            let timer = Timer {
                name: request.text("timer")?.to_owned(),
                due: request.integer("due")?,
                content: request.get("content").cloned().unwrap_or(Value::Null),
                workload: subject.map(|subject| Workload::from_json(subject, false)).transpose()?,
            };
            let context = context.acting_for(timer.workload.as_ref().map(|workload| workload.id.as_str()));
            plugin.timer(&timer, &context).map(|()| done())
        })
    }
}

fn provision<P: Provisioner>(plugin: &P, request: &Value, context: &Context) -> Result<Value, Error> {
    let (workload, context) = subject(request, context)?;
    plugin.provision(&workload, &context).map(|outcome| outcome.to_json())
}

fn deprovision<P: Provisioner>(plugin: &P, request: &Value, context: &Context) -> Result<Value, Error> {
    let (workload, context) = subject(request, context)?;
    plugin.deprovision(&workload, &context).map(|()| done())
}

fn done() -> Value {
    Value::Object(Default::default())
}

fn subject(request: &Value, context: &Context) -> Result<(Workload, Context), Error> {
    let subject = request.get("subject").ok_or_else(|| Error::invalid("the request has no subject"))?;
    let is_paused = request.get("paused").and_then(Value::as_bool).unwrap_or(false);
    let workload = Workload::from_json(subject, is_paused)?;
    let context = context.acting_for(Some(&workload.id));
    Ok((workload, context))
}

/// The workloads of a request. One that cannot be read is logged and left out, so that it does not keep the others
/// from being served.
fn readable(request: &Value, context: &Context) -> Result<Vec<Workload>, Error> {
    let mut workloads = Vec::new();
    for subject in list(request, "workloads")? {
        match Workload::from_json(subject, false) {
            Ok(workload) => workloads.push(workload),
            Err(error) => context.log(Level::Warning, &format!("left out a workload: {error}")),
        }
    }
    Ok(workloads)
}
