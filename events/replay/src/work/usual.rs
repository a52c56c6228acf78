//! Where work lies unless somebody names a folder, and that nobody else reaches into it.

use std::fs::DirBuilder;
use std::path::{Path, PathBuf};

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::NoWork;
use crate::merge::Unread;

/// The folder that all work lies in.
const ALL: &str = "postern";
/// Characters of a digest that name a folder: more than two pieces of work on one machine share never.
pub(super) const NAMED_BY: usize = 16;
/// The owner's rights alone.
#[cfg(unix)]
const PRIVATE: u32 = 0o700;

/// Where work on `of` lies unless somebody names a folder: the same one each time.
#[must_use]
pub fn usual_folder(of: &str) -> PathBuf {
    let set = |name: &str| std::env::var_os(name).filter(|it| !it.is_empty()).map(PathBuf::from);
    let cache = set("XDG_CACHE_HOME").or_else(|| set("HOME").map(|it| it.join(".cache")));
    let name = URL_SAFE_NO_PAD.encode(digest(&SHA256, of.as_bytes()));
    let name = name.get(..NAMED_BY).unwrap_or_default().to_owned();
    cache.map_or_else(shared, |it| it.join(ALL)).join(name)
}

/// Where work lies of a user who has no home: everybody may have made it.
fn shared() -> PathBuf {
    std::env::temp_dir().join(ALL)
}

/// Makes sure that a usual folder lies where nobody else can put anything.
///
/// # Errors
/// When others can, or the place can't be looked at.
pub fn usual_is_ours(folder: &Path) -> Result<(), NoWork> {
    let shared = shared();
    if folder.starts_with(&shared) { own(&shared) } else { Ok(()) }
}

/// Makes a folder to work in.
pub(super) fn make(folder: &Path) -> Result<(), NoWork> {
    let mut path = shared();
    let Ok(below) = folder.strip_prefix(&path) else {
        // What lies in it is sealed, and still nobody else's business.
        let made = builder().recursive(true).create(folder);
        return made.map_err(|it| Unread::file(folder)(it).into());
    };
    own(&path)?;
    for part in below {
        path.push(part);
        own(&path)?;
    }
    Ok(())
}

/// Makes a folder where others may be faster, and makes sure that it is ours.
fn own(path: &Path) -> Result<(), NoWork> {
    let failed = |it| NoWork::from(Unread::file(path)(it));
    match builder().create(path) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => {
            return Err(failed(error));
        }
        Ok(()) | Err(_) => {}
    }
    let ours = is_ours(path).map_err(failed)?;
    if ours { Ok(()) } else { Err(NoWork::NotOurs(path.to_owned())) }
}

fn builder() -> DirBuilder {
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, PRIVATE);
    builder
}

/// Elsewhere each user has temporary files of their own.
#[cfg(not(unix))]
fn is_ours(path: &Path) -> std::io::Result<bool> {
    std::fs::symlink_metadata(path).map(|it| it.is_dir())
}

#[cfg(unix)]
fn is_ours(path: &Path) -> std::io::Result<bool> {
    let found = std::fs::symlink_metadata(path)?;
    Ok(unix::is_private(&found, unix::user(&std::env::temp_dir())?))
}

#[cfg(unix)]
mod unix {
    use std::fs::{self, File, Metadata};
    use std::io::{self, ErrorKind};
    use std::os::unix::fs::MetadataExt as _;
    use std::path::Path;
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::PRIVATE;

    /// How often another name is tried for a file that somebody has.
    const TRIES: u32 = 16;
    /// What of a mode says who may do what.
    const RIGHTS: u32 = 0o777;

    /// Whether it is a folder of this user, which no other may look into; what a link names is not asked.
    pub(super) fn is_private(found: &Metadata, user: u32) -> bool {
        found.is_dir() && found.uid() == user && found.mode() & RIGHTS == PRIVATE
    }

    /// Who this process acts as: the owner of what it makes.
    pub(super) fn user(folder: &Path) -> io::Result<u32> {
        static MADE: AtomicU64 = AtomicU64::new(0);
        for _ in 0..TRIES {
            let number = MADE.fetch_add(1, Ordering::Relaxed);
            let path = folder.join(format!(".postern-{}-{number}", std::process::id()));
            // It is new, and no link.
            match File::options().write(true).create_new(true).open(&path) {
                Ok(file) => {
                    fs::remove_file(&path)?;
                    return file.metadata().map(|it| it.uid());
                }
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
        Err(ErrorKind::AlreadyExists.into())
    }

    #[cfg(test)]
    mod tests {
        use std::os::unix::fs::PermissionsExt as _;

        use super::*;

        #[test]
        fn a_folder_is_private_that_its_owner_alone_may_use() {
            let folder = tempfile::tempdir().unwrap();
            let ours = user(folder.path()).unwrap();
            assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "nothing stays");
            let with = |mode| {
                fs::set_permissions(folder.path(), fs::Permissions::from_mode(mode)).unwrap();
                fs::symlink_metadata(folder.path()).unwrap()
            };
            assert!(is_private(&with(0o700), ours));
            assert!(!is_private(&with(0o700), ours + 1), "another user's");
            for mode in [0o701, 0o710, 0o750, 0o770, 0o777, 0o500] {
                assert!(!is_private(&with(mode), ours), "{mode:o}");
            }
            with(0o700);
            let link = folder.path().join("link");
            std::os::unix::fs::symlink(folder.path(), &link).unwrap();
            assert!(!is_private(&fs::symlink_metadata(&link).unwrap(), ours), "a link");
        }
    }
}
