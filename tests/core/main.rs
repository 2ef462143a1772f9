//! The core's stories, vectors and properties. One program: a build links once, and slow ones run beside quick ones.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm,
    reason = "a test fails by panicking"
)]
#![allow(unreachable_pub, reason = "nobody is outside")]

mod batch_stories;
mod config_errors;
mod conversation_model;
mod conversation_stories;
mod dead_letters;
mod dmwork_catch_up;
mod dmwork_cold_start;
mod dmwork_files;
mod dmwork_groups;
mod dmwork_interrupted;
mod dmwork_live;
mod dmwork_mentions;
mod dmwork_outgoing;
mod dmwork_setup;
mod dmwork_stories;
mod dmwork_tools;
mod dmwork_uploads;
mod entrusted_turns;
mod file_names;
mod forged_identities;
mod guard_stories;
mod history_stories;
mod joined_turns;
mod link_properties;
mod long_runs;
mod mochat_catch_up;
mod mochat_connection;
mod mochat_discovery;
mod mochat_events;
mod mochat_files;
mod mochat_mentions;
mod mochat_outgoing;
mod mochat_people;
mod mochat_polling;
mod mochat_properties;
mod mochat_queues;
mod mochat_stories;
mod mochat_tools;
mod odd_values;
mod outcomes;
mod place_stories;
mod setup_stories;
mod signs_of_life;
mod silent_turns;
mod support;
mod withheld_answers;
mod wukong_properties;
mod wukong_vectors;
