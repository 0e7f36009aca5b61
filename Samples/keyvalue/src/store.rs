use crate::names::check_key;
use crate::quota::Quota;
use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use zos_plugin::{Error, Status};

/// How full a store is. A key's bytes count like those of its value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    pub bytes: u64,
    pub entries: u64,
}

/// One workload's entries: a folder with a file for each.
pub struct Store {
    folder: PathBuf,
    /// Bytes of each value, as on disk.
    sizes: BTreeMap<String, u64>,
}

/// Where an entry is written before it gets its name. No key begins with a dot.
const TEMPORARY: &str = ".new";

impl Store {
    /// Reads what is there. What a crash left half written was never an entry, and goes.
    pub fn open(folder: PathBuf) -> Result<Store, Error> {
        let mut sizes = BTreeMap::new();
        for entry in fs::read_dir(&folder)? {
            let entry = entry?;
            let kind = entry.file_type()?;
            match entry.file_name().into_string() {
                Ok(name) if name == TEMPORARY && kind.is_file() => fs::remove_file(entry.path())?,
                Ok(name) if kind.is_file() && check_key(&name).is_ok() => {
                    sizes.insert(name, entry.metadata()?.len());
                }
                _ => return Err(Error::failed(format!("{:?} is nothing that this plugin made", entry.path()))),
            }
        }
        Ok(Store { folder, sizes })
    }

    pub fn usage(&self) -> Usage {
        let bytes = self.sizes.iter().map(|(key, size)| key.len() as u64 + size).sum();
        Usage { bytes, entries: self.sizes.len() as u64 }
    }

    pub fn sizes(&self) -> &BTreeMap<String, u64> {
        &self.sizes
    }

    pub fn get(&self, key: &str) -> Result<String, Error> {
        self.find(key)?;
        Ok(fs::read_to_string(self.folder.join(key))?)
    }

    /// Adds or replaces an entry. When it returns, the entry survives a loss of power; until then the old one does.
    pub fn put(&mut self, key: &str, value: &str, quota: &Quota) -> Result<(), Error> {
        check_key(key)?;
        let size = value.len() as u64;
        let before = self.usage();
        let after = match self.sizes.get(key) {
            Some(old) => Usage { bytes: before.bytes - old + size, ..before },
            None => Usage { bytes: before.bytes + key.len() as u64 + size, entries: before.entries + 1 },
        };
        quota.check(after)?;
        self.write(key, value).map_err(|error| Error::cannot(format!("write {key}"), error))?;
        self.sizes.insert(key.to_owned(), size);
        sync_folder(&self.folder)?;
        Ok(())
    }

    pub fn delete(&mut self, key: &str) -> Result<(), Error> {
        self.find(key)?;
        fs::remove_file(self.folder.join(key))?;
        self.sizes.remove(key);
        sync_folder(&self.folder)?;
        Ok(())
    }

    fn find(&self, key: &str) -> Result<(), Error> {
        check_key(key)?;
        match self.sizes.contains_key(key) {
            true => Ok(()),
            false => Err(Error::new(Status::Invalid, "not_found", format!("there is no entry {key}"))),
        }
    }

    fn write(&self, key: &str, value: &str) -> io::Result<()> {
        let temporary = self.folder.join(TEMPORARY);
        let written = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&temporary)
            .and_then(|mut file| file.write_all(value.as_bytes()).and_then(|()| file.sync_all()))
            .and_then(|()| fs::rename(&temporary, self.folder.join(key)));
        if written.is_err() {
            // What is left is removed at the next start, too.
            let _ = fs::remove_file(&temporary);
        }
        written
    }
}

/// Makes names in a folder survive a loss of power.
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}
