//! The care of one file: found, opened and held, copied, put back, saved when it is damaged.

mod backup;
pub(super) mod connection;
pub(super) mod copies;
mod key;
mod log;
pub(super) mod migrate;
pub(super) mod open;
mod opener;
pub(super) mod location;
pub(super) mod presence;
mod restore;
mod salvage;
pub(super) mod shape;
mod stale;
pub(super) mod stop;

pub use copies::{BackedUp, Backup, Places, Reason, backup_name, backups, read_backup_name, superfluous};
pub use key::Key;
pub use migrate::format_version;
pub use opener::Opener;
pub use presence::Seat;
pub use restore::{Comparison, Condition, Look};
pub use salvage::Salvage;
pub use stop::Stop;
