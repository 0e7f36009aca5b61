//! Which names may become names of files. Everything else is refused, never changed.

use zos_plugin::Error;

/// Bytes of a key: what file systems take, with room for the temporary name.
pub const LONGEST: usize = 128;

/// A key: letters, digits, `_`, `-` and `.`, beginning with a letter or digit. So none is a path, and none begins like the
/// plugin's own temporary files.
pub fn check_key(key: &str) -> Result<(), Error> {
    let is_good = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    let begins_well = key.as_bytes().first().map_or(false, u8::is_ascii_alphanumeric);
    if begins_well && key.len() <= LONGEST && key.bytes().all(is_good) {
        return Ok(());
    }
    Err(Error::invalid(format!(
        "a key is 1 to {LONGEST} letters, digits, '_', '-' and '.', beginning with a letter or digit"
    )))
}

/// A workload id as the node makes it: `<twin>-<contract>-<name>`.
pub fn check_store(id: &str) -> Result<(), Error> {
    let is_good = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    let begins_well = id.as_bytes().first().map_or(false, u8::is_ascii_digit);
    if begins_well && id.len() <= 200 && id.bytes().all(is_good) {
        return Ok(());
    }
    Err(Error::invalid(format!("{id:?} is no workload id that could name a folder")))
}
