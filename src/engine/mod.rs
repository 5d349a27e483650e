//! Floor 3. Writer, projector and broadcast, and the façade that a library user holds.
