//! Kills and power cuts: what was acknowledged is there, byte for byte, whatever happened to the process and to its disk.

mod check;
mod child;
mod dice;
mod disk;
mod events;
mod kills;
mod power;
mod process;
mod settings;
mod tally;
