//! Whether there is a display to open a window on.

/// Looks for a display; the error says why there is none.
#[cfg(all(unix, not(target_os = "macos")))]
pub(crate) fn find() -> Result<(), &'static str> {
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    if set("DISPLAY") || set("WAYLAND_DISPLAY") || set("WAYLAND_SOCKET") {
        Ok(())
    } else {
        Err("there is no display (neither DISPLAY nor WAYLAND_DISPLAY is set)")
    }
}

/// On these systems there always is one.
#[cfg(not(all(unix, not(target_os = "macos"))))]
pub(crate) fn find() -> Result<(), &'static str> {
    Ok(())
}
