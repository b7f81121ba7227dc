//! The journal through its public doors: what is recorded comes back, and nothing that can go wrong with a file loses
//! what was confirmed.

mod ahead;
mod bundles;
mod copy;
mod crash;
mod damage;
mod disk;
mod documents;
mod files;
mod flows;
mod full;
mod history;
mod long_lists;
mod memory;
mod packed;
mod pruning;
mod read_only;
mod removal;
mod sample;
mod search;
mod search_record;
mod snapshots;
mod story;
mod temporary;
