//! What the office keeps of its users (用户) besides what stands on the sheets.

use chrono::NaiveDateTime;
use rusqlite::{OptionalExtension, params};

use super::{Fault, Result, Store, What};
use crate::record::Customer;

impl Store {
    /// Everything kept of users, by name.
    ///
    /// # Errors
    /// When the book cannot be read.
    pub fn customers(&self) -> Result<Vec<Customer>> {
        self.reading(|| {
            let mut all = self.connection.prepare_cached("SELECT name, data FROM customer ORDER BY name")?;
            let mut rows = all.query([])?;
            let mut customers = Vec::new();
            while let Some(row) = rows.next()? {
                let name: String = row.get(0)?;
                let data: String = row.get(1)?;
                let kept: Customer =
                    serde_json::from_str(&data).map_err(|_| Fault::said(format!("用户“{name}”的资料读不懂")))?;
                customers.push(Customer { name, ..kept });
            }
            Ok(customers)
        })
    }

    /// Keeps what is known of a user, over what was known before. `by`: who sits at the desk.
    ///
    /// # Errors
    /// When the book cannot be written.
    pub fn put_customer(&self, customer: &Customer, by: &str, now: NaiveDateTime) -> Result<()> {
        self.writing(|| {
            let data = serde_json::to_string(customer).map_err(|error| Fault::said(error.to_string()))?;
            let old: Option<String> = self
                .connection
                .prepare_cached("SELECT data FROM customer WHERE name = ?1")?
                .query_row([&customer.name], |row| row.get(0))
                .optional()?;
            if old.as_ref() == Some(&data) {
                return Ok(());
            }
            let sql = "INSERT INTO customer VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET data = excluded.data";
            self.connection.prepare_cached(sql)?.execute(params![customer.name, data])?;
            self.seal_beside(What::Customer, &customer.name, (old.as_deref(), &data), by, now)
        })
    }
}
