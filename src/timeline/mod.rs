//! Floor 2. Rows of events in time order, paging and filters.
