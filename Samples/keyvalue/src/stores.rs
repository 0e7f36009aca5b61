use crate::names::check_store;
use crate::store::{sync_folder, Store};
use std::collections::BTreeMap;
use std::fs::{self, DirBuilder};
use std::io::ErrorKind;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use zos_plugin::{Error, Folder};

/// All stores of the node, each a folder called like its workload.
pub struct Stores {
    folder: PathBuf,
    /// Those that were used since the start. Each has a lock of its own: one twin's writes do not hold up another's.
    open: Mutex<BTreeMap<String, Arc<Mutex<Option<Store>>>>>,
}

impl Stores {
    pub fn open(pool: &Folder) -> Result<Stores, Error> {
        // By its descriptor: folders above it are none of the plugin's business, and closed to it.
        let pool = PathBuf::from(format!("/proc/self/fd/{}", pool.descriptor()));
        let folder = pool.join("stores");
        make_folder(&folder)?;
        sync_folder(&pool)?;
        Ok(Stores { folder, open: Mutex::new(BTreeMap::new()) })
    }

    /// Makes an empty store unless it is there.
    pub fn create(&self, id: &str) -> Result<(), Error> {
        let folder = self.path(id)?;
        let slot = self.slot(id);
        let mut store = lock(&slot);
        make_folder(&folder)?;
        sync_folder(&self.folder)?;
        if store.is_none() {
            *store = Some(Store::open(folder)?);
        }
        Ok(())
    }

    /// Removes a store with all entries; one that is gone is fine.
    pub fn remove(&self, id: &str) -> Result<(), Error> {
        let folder = self.path(id)?;
        let slot = self.slot(id);
        let mut store = lock(&slot);
        *store = None;
        match fs::remove_dir_all(&folder) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(Error::cannot("remove the store", error)),
            _ => sync_folder(&self.folder)?,
        }
        lock(&self.open).remove(id);
        Ok(())
    }

    /// Works with a store that exists, alone.
    pub fn with<T>(&self, id: &str, body: impl FnOnce(&mut Store) -> Result<T, Error>) -> Result<T, Error> {
        let folder = self.path(id)?;
        let slot = self.slot(id);
        let mut slot = lock(&slot);
        if slot.is_none() {
            *slot = Some(Store::open(folder).map_err(|error| Error::cannot("open the store", error))?);
        }
        match slot.as_mut() {
            Some(store) => body(store),
            None => Err(Error::failed("the store is gone")),
        }
    }

    fn path(&self, id: &str) -> Result<PathBuf, Error> {
        check_store(id)?;
        Ok(self.folder.join(id))
    }

    fn slot(&self, id: &str) -> Arc<Mutex<Option<Store>>> {
        lock(&self.open).entry(id.to_owned()).or_default().clone()
    }
}

fn make_folder(path: &Path) -> Result<(), Error> {
    match DirBuilder::new().mode(0o700).create(path) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
        made => made.map_err(|error| Error::cannot(format!("make {}", path.display()), error)),
    }
}

/// A panic while it was held does not matter: what is on disk is the truth, and is changed in one step.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
