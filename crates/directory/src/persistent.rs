//! The persistent collections that roots are made of. Named here once, so that another library can take their place.

/// An ordered map that shares structure with the map it was made from.
pub(crate) type Map<K, V> = imbl::OrdMap<K, V>;

/// An ordered set that shares structure with the set it was made from.
pub(crate) type Set<T> = imbl::OrdSet<T>;

/// What one map has and another one has not.
pub(crate) type DiffItem<'a, 'b, K, V> = imbl::ordmap::DiffItem<'a, 'b, K, V>;
