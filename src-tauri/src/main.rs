//! Scimscope in a window. The host has no behaviour of its own: it starts the app, hands the page and the control API to
//! the window through one custom scheme, and passes live events on.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

mod failure;
mod live;
mod options;
mod scheme;

use std::process::ExitCode;

use app::running::App;
use axum::Router;
use clap::Parser;
use tauri::{Manager, WebviewUrl, WebviewWindowBuilder};

use crate::live::Live;
use crate::options::Options;

fn main() -> ExitCode {
    app::logging::start();
    match run(Options::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: Options) -> anyhow::Result<()> {
    let started = tauri::async_runtime::block_on(async { App::start(options.config()?).await });
    let (app, router) = match started {
        Ok(app) => {
            tracing::info!("SCIM at {}", app.scim_url());
            let router = app.control_router();
            (Some(app), router)
        }
        // The window says what is wrong; a message on standard error would be lost on a desktop.
        Err(error) => {
            tracing::error!("{error:#}");
            (None, failure::router(&error))
        }
    };
    let live = Live::new(app.as_ref().map(|app| app.desk()));
    window(router, live)?;
    if let Some(app) = app {
        tauri::async_runtime::block_on(app.stop());
    }
    Ok(())
}

/// Opens the window and returns when it is closed.
fn window(router: Router, live: Live) -> anyhow::Result<()> {
    let desktop = tauri::Builder::default()
        .manage(live)
        .invoke_handler(tauri::generate_handler![live::subscribe, live::acknowledge])
        .register_asynchronous_uri_scheme_protocol("scim", move |_, request, responder| {
            let router = router.clone();
            tauri::async_runtime::spawn(async move { responder.respond(scheme::answer(router, request).await) });
        })
        .setup(|desktop| {
            let page = WebviewUrl::CustomProtocol("scim://localhost/".parse()?);
            WebviewWindowBuilder::new(desktop, "main", page)
                .title("Scimscope")
                .inner_size(1280.0, 860.0)
                .min_inner_size(600.0, 420.0)
                .on_navigation(|url| url.scheme() == "scim" || url.host_str() == Some("scim.localhost"))
                .build()?;
            Ok(())
        })
        .build(tauri::generate_context!())?;
    // `App::run` of Tauri ends the process; this way the server can be stopped in order afterwards.
    desktop.run_return(|handle, event| {
        if let tauri::RunEvent::ExitRequested { .. } = event {
            handle.state::<Live>().stop();
        }
    });
    Ok(())
}
