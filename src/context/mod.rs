//! Floor 2. The fold of a customer: facts, cases, preference, feedback, journey.
