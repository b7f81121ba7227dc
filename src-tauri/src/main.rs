//! Scimscope in a window. The host has no behaviour of its own: it starts the app, hands the page and the control API to
//! the window through one custom scheme, passes live events on, and does what only a desktop can do.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

mod attention;
mod commands;
mod desktop;
mod dialogs;
mod facts;
mod failure;
mod host;
mod icon;
mod instance;
mod keychain;
mod link;
mod links;
mod live;
mod menu;
mod options;
mod page;
mod place;
mod saving;
mod scheme;
mod settings;
mod watch;
mod window;
mod words;

use std::process::ExitCode;

use app::running::App;
use axum::Router;
use clap::Parser;
use control::Desk;
use tauri::{AppHandle, Manager};

use crate::host::Host;
use crate::instance::{Call, Instance, Start};
use crate::live::Live;
use crate::options::Options;

fn main() -> ExitCode {
    app::logging::start();
    match run(&Options::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> anyhow::Result<()> {
    let data = options::data_folder()?;
    let Start::First(instance) = Instance::claim(&data, &options.call()?)? else {
        tracing::info!("Scimscope is running already; its window comes to the front");
        return Ok(());
    };
    let started = tauri::async_runtime::block_on(async { App::start(options.config(&data)?).await });
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
    let desk = app.as_ref().map(|app| app.desk());
    let host = Host::new(data, app.is_some());
    show(router, desk, host, instance, options.link().map(str::to_owned))?;
    if let Some(app) = app {
        tauri::async_runtime::block_on(app.stop());
    }
    Ok(())
}

/// Opens the window, and returns when everything is to end.
fn show(
    router: Router,
    desk: Option<Desk>,
    host: Host,
    instance: Instance,
    link: Option<String>,
) -> anyhow::Result<()> {
    let serving = host.serving();
    let desktop = tauri::Builder::default()
        .manage(Live::new(desk.clone()))
        .manage(host)
        .manage(saving::Answers(router.clone()))
        .invoke_handler(tauri::generate_handler![
            live::subscribe,
            live::acknowledge,
            commands::attach,
            commands::set_menu,
            commands::set_theme,
            commands::change_settings,
            commands::hide_window,
            commands::quit,
            commands::reveal_data,
            commands::open_links,
            commands::read_given,
            dialogs::choose_file,
            saving::save_file,
        ])
        .register_asynchronous_uri_scheme_protocol("scim", move |_, request, responder| {
            let router = router.clone();
            tauri::async_runtime::spawn(async move { responder.respond(scheme::answer(router, request).await) });
        })
        .on_menu_event(|app, event| menu::chosen(app, &event.id().0))
        .setup(move |desktop| {
            window::open(desktop, serving)?;
            let app = desktop.handle().clone();
            let called = app.clone();
            host::of(&app).keep(instance.listen(move |call| host::take(&called, call))?);
            if let Some(link) = link {
                host::take(&app, Call { target: Some(link), folder: Default::default(), activation: None });
            }
            tauri::async_runtime::spawn(end_on_signal(app.clone()));
            if let Some(desk) = desk {
                tauri::async_runtime::spawn(async move {
                    let desktop = desktop::Desktop::join(&app, &desk).await;
                    watch::run(app, desk, desktop).await;
                });
            }
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

/// Ends in order when the session or a person asks the process to.
async fn end_on_signal(app: AppHandle) {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut terminate), Ok(mut interrupt), Ok(mut hang_up)) =
        (signal(SignalKind::terminate()), signal(SignalKind::interrupt()), signal(SignalKind::hangup()))
    else {
        return;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
        _ = hang_up.recv() => {}
    }
    let ending = app.clone();
    let _ = app.run_on_main_thread(move || host::quit(&ending));
}
