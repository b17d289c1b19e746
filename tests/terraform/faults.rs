//! What is broken on purpose, and comes right with a plain `apply` or `destroy`.
//!
//! The chart of these tests is small and its pods start at once, so that the time goes into the
//! faults: [`place`] has it, and the hands to look at what became of it.

mod bundled;
mod connection;
mod half_way;
mod interrupted;
mod killed;
mod obstacles;
mod place;
mod restart;
mod together;
