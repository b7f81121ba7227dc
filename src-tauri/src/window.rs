//! The window: opening it where it was left, closing it without ending the server, zoom.

use std::time::Duration;

use tauri::webview::PageLoadEvent;
use tauri::{
    AppHandle, DragDropEvent, Manager, PhysicalPosition, PhysicalSize, WebviewUrl, WebviewWindow, WebviewWindowBuilder,
    WindowEvent,
};

use crate::host::{self, WINDOW};
use crate::page::Saying;
use crate::place::{Area, FIRST, LEAST, Place};
use crate::settings::OnClose;

/// A page that has not said by now that it is there is shown as it is.
const SHOWN_ANYWAY: Duration = Duration::from_secs(3);
/// So long the window must have been left alone before its place is written down.
const SETTLED: Duration = Duration::from_millis(700);

/// Makes the window. It is shown by [`ready`], so that nobody sees it half drawn.
pub fn open(app: &tauri::App, serving: bool) -> Result<(), Box<dyn std::error::Error>> {
    let page = WebviewUrl::CustomProtocol("scim://localhost/".parse()?);
    let window = WebviewWindowBuilder::new(app, WINDOW, page)
        .title("Scimscope")
        .inner_size(FIRST.0, FIRST.1)
        .min_inner_size(LEAST.0, LEAST.1)
        .visible(false)
        .on_navigation(|url| url.scheme() == "scim" || url.host_str() == Some("scim.localhost"))
        .on_page_load(move |window, load| {
            if load.event() == PageLoadEvent::Finished && !serving {
                ready(&window);
            }
        })
        .build()?;
    if let Some(place) = host::of(app.handle()).store.get().window {
        put(&window, place)?;
    }
    let settling = settle(app.handle().clone());
    let watched = window.clone();
    window.on_window_event(move |event| match event {
        // Whatever it comes to, the window is hidden: with it would go the last thing that keeps the process running.
        WindowEvent::CloseRequested { api, .. } => {
            api.prevent_close();
            asked_to_close(&watched);
        }
        WindowEvent::Moved(_) | WindowEvent::Resized(_) => settling.notify_one(),
        WindowEvent::DragDrop(drag) => dragged(&watched, drag),
        _ => {}
    });
    let late = window.clone();
    tauri::async_runtime::spawn(async move {
        tokio::time::sleep(SHOWN_ANYWAY).await;
        ready(&late);
    });
    Ok(())
}

/// Shows the window for the first time.
pub fn ready(window: &WebviewWindow) {
    let host = host::of(window.app_handle());
    if !host.first_shown() {
        return;
    }
    let zoom = host.store.get().zoom;
    for done in [window.set_zoom(zoom), window.show()] {
        if let Err(error) = done {
            tracing::warn!("the window could not be shown as it was left: {error}");
        }
    }
}

/// Closes the window as the person wants it: hides it, or ends everything, or asks which.
pub fn asked_to_close(window: &WebviewWindow) {
    let app = window.app_handle();
    let host = host::of(app);
    match host.store.get().on_close {
        // Nobody would be there to ask, and nothing to go on.
        _ if !host.serving() => {}
        OnClose::Quit => {}
        OnClose::Ask if host.page.listens() && window.is_visible().unwrap_or_default() => {
            host.page.say(Saying::Closing);
            return;
        }
        OnClose::Ask | OnClose::Keep => {
            hide(window);
            return;
        }
    }
    host::quit(app);
}

/// Takes the window away; the server goes on.
pub fn hide(window: &WebviewWindow) {
    remember(window);
    if let Err(error) = window.hide() {
        tracing::warn!("the window could not be hidden: {error}");
    }
}

/// Writes down how the window stands.
pub fn remember(window: &WebviewWindow) {
    let Ok(true) = window.is_visible() else { return };
    let Some(seen) = seen(window) else { return };
    host::of(window.app_handle()).store.change(|settings| {
        // What fills the screen has another place to go back to.
        let area = match settings.window {
            Some(before) if seen.maximized => before.area,
            _ => seen.area,
        };
        settings.window = Some(Place { area, maximized: seen.maximized });
    });
}

fn seen(window: &WebviewWindow) -> Option<Place> {
    if window.is_minimized().ok()? || window.is_fullscreen().ok()? {
        return None;
    }
    let (at, size) = (window.outer_position().ok()?, window.inner_size().ok()?);
    let area = Area { x: at.x, y: at.y, width: size.width, height: size.height };
    Some(Place { area, maximized: window.is_maximized().ok()? })
}

fn put(window: &WebviewWindow, place: Place) -> tauri::Result<()> {
    let screens = window.available_monitors()?.into_iter().map(|monitor| Area {
        x: monitor.position().x,
        y: monitor.position().y,
        width: monitor.size().width,
        height: monitor.size().height,
    });
    if let Some(Area { x, y, width, height }) = place.area.on(&screens.collect::<Vec<_>>()) {
        window.set_size(PhysicalSize { width, height })?;
        window.set_position(PhysicalPosition { x, y })?;
    }
    if place.maximized {
        window.maximize()?;
    }
    Ok(())
}

/// Writes the window's place down whenever it has not moved for a moment, so that it is not lost with the session.
fn settle(app: AppHandle) -> std::sync::Arc<tokio::sync::Notify> {
    let moved = std::sync::Arc::new(tokio::sync::Notify::new());
    let waiting = std::sync::Arc::clone(&moved);
    tauri::async_runtime::spawn(async move {
        loop {
            waiting.notified().await;
            while tokio::time::timeout(SETTLED, waiting.notified()).await.is_ok() {}
            if let Some(window) = host::window(&app) {
                remember(&window);
            }
        }
    });
    moved
}

fn dragged(window: &WebviewWindow, drag: &DragDropEvent) {
    let page = &host::of(window.app_handle()).page;
    match drag {
        DragDropEvent::Enter { paths, .. } => page.say(Saying::Dragging { over: !paths.is_empty() }),
        DragDropEvent::Leave => page.say(Saying::Dragging { over: false }),
        DragDropEvent::Drop { paths, position } => {
            page.say(Saying::Dragging { over: false });
            host::of(window.app_handle()).give(paths);
            let at = position.to_logical(window.scale_factor().unwrap_or(1.0));
            let paths = paths.iter().map(|path| path.display().to_string()).collect();
            page.say(Saying::Given { paths, at: Some((at.x, at.y)) });
        }
        _ => {}
    }
}
