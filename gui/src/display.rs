//! Whether there is a display to open a window on.

/// Checks that a display exists; the error says which variables were looked at.
#[cfg(all(unix, not(target_os = "macos")))]
pub(crate) fn find() -> Result<(), &'static str> {
    let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    if is_set("DISPLAY") || is_set("WAYLAND_DISPLAY") || is_set("WAYLAND_SOCKET") {
        Ok(())
    } else {
        Err("there is no display (neither DISPLAY nor WAYLAND_DISPLAY is set)")
    }
}

/// On systems without X11 and Wayland, such as macOS and Windows, a display always exists.
#[cfg(not(all(unix, not(target_os = "macos"))))]
pub(crate) fn find() -> Result<(), &'static str> {
    Ok(())
}
