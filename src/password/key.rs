//! The key (签名钥匙) of a person: Ed25519. Its secret is kept sealed with the personal password and is in memory only while
//! its person sits at the desk; whoever has the book's file, or another's password, cannot sign with it.

use argon2::password_hash::Salt;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{ChaCha20Poly1305, Key, Nonce};
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use zeroize::Zeroizing;

use super::{LONGEST, PasswordError, hasher};

/// What a sealed key begins with: how it was sealed.
const SEALED: &str = "argon2id-chacha20poly1305";
const SALT: usize = Salt::RECOMMENDED_LENGTH;
const NONCE: usize = 12;
/// The secret, and the tag behind it.
const BOX: usize = 32 + 16;

/// A person's secret key; wiped when it is let go.
pub struct Secret(SigningKey);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret")
    }
}

impl Secret {
    /// Makes a new key.
    ///
    /// # Errors
    /// When the system gives no random numbers.
    pub fn make() -> Result<Self, PasswordError> {
        Ok(Self(SigningKey::from_bytes(&*random::<32>()?)))
    }

    /// The key's public half, which tells its signatures from all others.
    pub fn public(&self) -> [u8; 32] {
        self.0.verifying_key().to_bytes()
    }

    /// Signs a message.
    pub fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.0.sign(message).to_bytes()
    }

    /// Seals the secret with a password, to be kept.
    ///
    /// # Errors
    /// When the system gives no random numbers, or the password is too long.
    pub fn seal(&self, password: &str) -> Result<String, PasswordError> {
        let (salt, nonce) = (random::<SALT>()?, random::<NONCE>()?);
        let key = stretched(password, &*salt)?;
        let (cipher, public) = (ChaCha20Poly1305::new(Key::from_slice(&*key)), self.public());
        let payload = Payload { msg: self.0.as_bytes(), aad: &public };
        let sealed = cipher.encrypt(Nonce::from_slice(&*nonce), payload).map_err(|_| PasswordError::Length)?;
        Ok([SEALED.to_owned(), hex(&*salt), hex(&*nonce), hex(&sealed)].join("$"))
    }

    /// Opens what [`Secret::seal`] made; none where it is not this password's, not this key's, or damaged.
    pub fn unseal(sealed: &str, public: &[u8], password: &str) -> Option<Self> {
        let [how, salt, nonce, sealed] = sealed.split('$').collect::<Vec<_>>().try_into().ok()?;
        let (salt, nonce, sealed) = (unhex::<SALT>(salt)?, unhex::<NONCE>(nonce)?, unhex::<BOX>(sealed)?);
        if how != SEALED {
            return None;
        }
        let key = stretched(password, &salt).ok()?;
        let cipher = ChaCha20Poly1305::new(Key::from_slice(&*key));
        let payload = Payload { msg: &sealed, aad: public };
        let opened = Zeroizing::new(cipher.decrypt(Nonce::from_slice(&nonce), payload).ok()?);
        let secret = Zeroizing::new(<[u8; 32]>::try_from(opened.as_slice()).ok()?);
        Some(Self(SigningKey::from_bytes(&secret))).filter(|it| it.public() == public)
    }
}

/// Whether a message was signed with the key of this public half.
pub fn is_signed(public: &[u8], message: &[u8], signature: &[u8; 64]) -> bool {
    let public = <[u8; 32]>::try_from(public).ok().and_then(|it| VerifyingKey::from_bytes(&it).ok());
    public.is_some_and(|it| it.verify_strict(message, &Signature::from_bytes(signature)).is_ok())
}

/// Bytes as small letters and figures.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|it| format!("{it:02x}")).collect()
}

/// Reads [`hex`] of just so many bytes.
pub fn unhex<const N: usize>(text: &str) -> Option<[u8; N]> {
    if text.len() != 2 * N || !text.bytes().all(|it| matches!(it, b'0'..=b'9' | b'a'..=b'f')) {
        return None;
    }
    let mut bytes = [0; N];
    for (place, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[2 * place..2 * place + 2], 16).ok()?;
    }
    Some(bytes)
}

fn random<const N: usize>() -> Result<Zeroizing<[u8; N]>, PasswordError> {
    let mut bytes = Zeroizing::new([0; N]);
    getrandom::fill(&mut *bytes).map_err(|_| PasswordError::Random)?;
    Ok(bytes)
}

/// A key of a password's own, as dear to guess as its hash.
fn stretched(password: &str, salt: &[u8]) -> Result<Zeroizing<[u8; 32]>, PasswordError> {
    if password.is_empty() || password.chars().count() > LONGEST {
        return Err(PasswordError::Length);
    }
    let mut key = Zeroizing::new([0; 32]);
    hasher()?.hash_password_into(password.as_bytes(), salt, &mut *key).map_err(|_| PasswordError::Length)?;
    Ok(key)
}
