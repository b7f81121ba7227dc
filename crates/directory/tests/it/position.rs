//! Where resources stand in the order of creation.

use directory::Directory;
use scim::object;

use crate::support::{at, registry};

#[test]
fn rank_and_slot_agree_with_a_count_by_hand() {
    let directory = Directory::new(registry());
    let mut transaction = directory.begin();
    for number in 0..40_000 {
        let user = object! { "userName" => format!("u{number}") };
        transaction.create("User", &format!("id{number}"), user, at(0)).unwrap();
    }
    for number in (0..40_000).filter(|number| number % 3 == 0 || (1_000..17_500).contains(number)) {
        transaction.delete(&format!("id{number}"), at(1)).unwrap();
    }
    let root = transaction.commit(|_| ());
    let living: Vec<u64> = root.resources().map(|resource| root.slot_of(resource.id()).unwrap()).collect();
    assert!(living.is_sorted());
    for slot in (0..40_100).step_by(37).chain([0, 127, 128, 16_383, 16_384, 39_999, 40_000, u64::MAX]) {
        let expected = living.partition_point(|other| *other < slot) as u64;
        assert_eq!(root.rank("User", slot), expected, "slot {slot}");
    }
    assert_eq!((root.slot_of("id0"), root.rank("Nothing", 7)), (None, 0));
}
