//! The whole app over real sockets and real files.

mod disk;
mod durability;
mod flow_api;
mod flow_comparison;
mod flows;
mod garbage;
mod grouping;
mod history;
mod hostile;
mod load;
mod memory;
mod planted;
mod presets;
mod proxy;
mod raw;
mod read_only;
mod removal;
mod repeatable;
mod replay_api;
mod replays;
mod restart;
mod rules;
mod running;
mod tenants;
mod wire;
mod workspaces;
