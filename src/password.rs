//! Passwords (密码) of people who share a desk, as the book keeps them: argon2 hashes, each with a salt of its own; and the
//! keys ([`key`]) they seal. A password keeps one person from signing as another in this program; the key, from making
//! their signature with any other. Who can open the book's file with other tools can read it.

use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, Salt, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};

pub mod key;

/// The longest password, in characters.
pub const LONGEST: usize = 64;

/// Memory in KiB, passes and lanes of every hash: a moment for whoever knows the password, long for whoever guesses.
const COST: (u32, u32, u32) = (19 * 1024, 2, 1);

/// Why a password cannot be hashed or compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordError {
    /// Nothing was typed, or too much.
    Length,
    /// The system gives no random numbers.
    Random,
    /// What the book keeps is no hash of this program's.
    Damaged,
}

impl std::fmt::Display for PasswordError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Length => write!(f, "密码应有 1 到 {LONGEST} 个字"),
            Self::Random => write!(f, "这台电脑取不到随机数，密码没有设"),
            Self::Damaged => write!(f, "台帐里存的密码记录已损坏，无法核对；请在设置的人员表里清除后重设"),
        }
    }
}

impl std::error::Error for PasswordError {}

/// The hash of a password, to be kept.
///
/// # Errors
/// When the password is empty or too long, or the system gives no random salt.
pub fn hash(password: &str) -> Result<String, PasswordError> {
    if password.is_empty() || password.chars().count() > LONGEST {
        return Err(PasswordError::Length);
    }
    let mut salt = [0_u8; Salt::RECOMMENDED_LENGTH];
    getrandom::fill(&mut salt).map_err(|_| PasswordError::Random)?;
    let salt = SaltString::encode_b64(&salt).map_err(|_| PasswordError::Random)?;
    let hash = hasher()?.hash_password(password.as_bytes(), &salt).map_err(|_| PasswordError::Length)?;
    Ok(hash.to_string())
}

/// Whether a password is the one that was hashed. It always takes the same time and memory: a hash of any other cost is
/// not this program's, and is not tried.
///
/// # Errors
/// When the hash is damaged.
pub fn verify(password: &str, hash: &str) -> Result<bool, PasswordError> {
    let (hasher, kept) = (hasher()?, read(hash)?);
    if password.chars().count() > LONGEST {
        return Ok(false);
    }
    match hasher.verify_password(password.as_bytes(), &kept) {
        Ok(()) => Ok(true),
        Err(argon2::password_hash::Error::Password) => Ok(false),
        Err(_) => Err(PasswordError::Damaged),
    }
}

/// Whether a hash is none of this program's, so that no password fits it.
pub fn is_damaged(hash: &str) -> bool {
    read(hash).is_err()
}

/// A hash of this program's.
fn read(hash: &str) -> Result<PasswordHash<'_>, PasswordError> {
    let kept = PasswordHash::new(hash).map_err(|_| PasswordError::Damaged)?;
    let cost = Params::try_from(&kept).map_err(|_| PasswordError::Damaged)?;
    let ours = kept.algorithm == Algorithm::Argon2id.ident()
        && kept.version == Some(Version::V0x13.into())
        && cost == *hasher()?.params()
        && kept.salt.is_some()
        && kept.hash.is_some();
    if ours { Ok(kept) } else { Err(PasswordError::Damaged) }
}

fn hasher() -> Result<Argon2<'static>, PasswordError> {
    let (memory, passes, lanes) = COST;
    let params =
        Params::new(memory, passes, lanes, Some(Params::DEFAULT_OUTPUT_LEN)).map_err(|_| PasswordError::Damaged)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}
