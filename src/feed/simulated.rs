//! stub
/// stub
pub fn response(_seed: u64, _time: i64) -> Vec<u8> {
    Vec::new()
}
