//! The golden vectors, as far as targets and seeds need them.

use mochat_dmwork::wire::wukong_cipher::{Cipher, KeyPair};
use serde_json::Value;

/// `tests/vectors/wukongim.json`.
#[derive(Debug)]
pub struct Vectors(Value);

impl Vectors {
    /// Reads the file that was built in.
    pub fn load() -> Self {
        let text = include_str!("../../tests/vectors/wukongim.json");
        Self(serde_json::from_str(text).expect("the vectors are JSON"))
    }

    /// Every packet, header included.
    pub fn packets(&self) -> Vec<Vec<u8>> {
        self.all("/vectors").map(|vector| unhex(vector.get("hex"))).collect()
    }

    /// Six packets in a row.
    pub fn stream(&self) -> Vec<u8> {
        unhex(self.0.pointer("/framing/hex"))
    }

    /// What messages say, decrypted.
    pub fn payloads(&self) -> Vec<Vec<u8>> {
        let cases = self.all("/payloadCases").map(|case| unhex(case.get("plaintextHex")));
        let of_packets = self.all("/vectors").filter_map(|vector| {
            let fields = vector.get("fields")?;
            Some(fields.get("payloadPlain").or_else(|| fields.get("data"))?.as_str()?.as_bytes().to_vec())
        });
        cases.chain(of_packets).collect()
    }

    /// The cipher that the vectors are encrypted with.
    pub fn cipher(&self) -> Cipher {
        let text = |key: &str| self.0.pointer(key).and_then(Value::as_str).unwrap_or_default();
        let entropy = unhex(self.0.pointer("/crypto/clientPrivHex")).try_into().expect("32 bytes");
        KeyPair::from_entropy(entropy)
            .agree(text("/crypto/serverKeyBase64"), text("/crypto/salt"))
            .expect("the vectors agree")
    }

    fn all(&self, list: &str) -> impl Iterator<Item = &Value> {
        self.0.pointer(list).and_then(Value::as_array).into_iter().flatten()
    }
}

fn unhex(hex: Option<&Value>) -> Vec<u8> {
    let hex = hex.and_then(Value::as_str).unwrap_or_default();
    let digit = |digit: &u8| char::from(*digit).to_digit(16).and_then(|value| u8::try_from(value).ok());
    let digits: Vec<u8> = hex.as_bytes().iter().filter_map(digit).collect();
    digits.as_chunks::<2>().0.iter().map(|[high, low]| high << 4 | low).collect()
}
