//! Faults of the disk: each is told of clearly, nothing acknowledged is lost, nothing damaged is served.
//!
//! | file | what it holds |
//! |---|---|
//! | `damage` | a flipped bit and a truncation in each stored file |
//! | `two_processes` | the second process on a data folder is told so |
//! | `small_disk` | a disk that can be filled and freed |
//! | `full_disk` | a disk that is full under the log, the keys or the views, and at the start |
//! | `gap` | what is lost in a log and what can be read behind it are told apart |
//! | `gone` | the folder of the log is gone: that is known, and how it comes back is said |
//! | `told` | what is the matter with a store that goes on is told wherever an operator looks |

pub(crate) mod damage;
mod full_disk;
mod gap;
mod gone;
mod small_disk;
pub(crate) mod told;
mod two_processes;
