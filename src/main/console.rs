//! The console from which the program was started. A Windows program with a window of its own has none to write to, unless
//! it asks for that of whoever started it.
#![expect(unsafe_code, reason = "Windows is asked")]

use windows_sys::Win32::System::Console::{ATTACH_PARENT_PROCESS, AttachConsole};

/// Lets what is written go to the console of the program that started this one, if that has one and the output is not sent
/// elsewhere.
pub(crate) fn attach() {
    // SAFETY: takes a number and no pointer; where there is no console it fails, and nothing is written.
    unsafe { AttachConsole(ATTACH_PARENT_PROCESS) };
}
