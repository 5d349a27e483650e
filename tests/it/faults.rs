//! Faults of the disk: each is told of clearly, nothing acknowledged is lost, nothing damaged is served.
//!
//! | file | what it holds |
//! |---|---|
//! | `small_disk` | a disk that can be filled and freed |
//! | `full_disk` | a disk that is full under the log, the keys or the views, and at the start |

mod full_disk;
mod small_disk;
