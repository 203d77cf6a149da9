//! Punycode (RFC 3492), read only: what a label of an internationalised domain encodes.

const BASE: u32 = 36;
const SMALLEST_THRESHOLD: u32 = 1;
const LARGEST_THRESHOLD: u32 = 26;
const SKEW: u32 = 38;
const DAMP: u32 = 700;
const FIRST_BIAS: u32 = 72;
const FIRST_CODE_POINT: u32 = 128;

/// The longest label of a domain, in bytes (RFC 1035, section 2.3.4).
const LONGEST_LABEL: usize = 63;

/// Decodes a label without its `xn--`. `None` where it encodes nothing.
pub(crate) fn decode(encoded: &str) -> Option<String> {
    if encoded.is_empty() || encoded.len() > LONGEST_LABEL || !encoded.is_ascii() {
        return None;
    }
    let (basic, extended) = encoded.rsplit_once('-').unwrap_or(("", encoded));
    let mut decoded: Vec<char> = basic.chars().collect();
    let mut code_point = FIRST_CODE_POINT;
    let mut bias = FIRST_BIAS;
    let mut position = 0_u32;
    let mut digits = extended.bytes();
    while digits.len() > 0 {
        let before = position;
        let mut weight = 1_u32;
        for step in 1_u32.. {
            let digit = digit(digits.next()?)?;
            position = position.checked_add(digit.checked_mul(weight)?)?;
            let threshold = (step * BASE)
                .saturating_sub(bias)
                .clamp(SMALLEST_THRESHOLD, LARGEST_THRESHOLD);
            if digit < threshold {
                break;
            }
            weight = weight.checked_mul(BASE - threshold)?;
        }
        let length = u32::try_from(decoded.len()).ok()? + 1;
        bias = adapted(position - before, length, before == 0);
        code_point = code_point.checked_add(position / length)?;
        position %= length;
        decoded.insert(usize::try_from(position).ok()?, char::from_u32(code_point)?);
        position += 1;
    }
    Some(decoded.into_iter().collect())
}

fn digit(byte: u8) -> Option<u32> {
    char::from(byte)
        .to_digit(BASE)
        // Letters come before figures here.
        .map(|value| if value < 10 { value + 26 } else { value - 10 })
}

fn adapted(delta: u32, length: u32, is_first: bool) -> u32 {
    let mut delta = if is_first { delta / DAMP } else { delta / 2 };
    delta += delta / length;
    let mut bias = 0;
    while delta > ((BASE - SMALLEST_THRESHOLD) * LARGEST_THRESHOLD) / 2 {
        delta /= BASE - SMALLEST_THRESHOLD;
        bias += BASE;
    }
    bias + (BASE - SMALLEST_THRESHOLD + 1) * delta / (delta + SKEW)
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn labels_of_the_standard_and_of_the_world_are_decoded() {
        for (encoded, label) in [
            ("bcher-kva", "bücher"),
            ("mnchen-3ya", "münchen"),
            ("e1afmkfd", "пример"),
            ("fsqu00a", "例子"),
            ("r8jz45g", "例え"),
            // RFC 3492, section 7.1 (B) and (L).
            ("ihqwcrb4cv8a8dqg056pqjye", "他们为什么不说中文"),
            ("3B-ww4c5e180e575a65lsy2b", "3年b組金八先生"),
        ] {
            assert_eq!(
                decode(encoded).as_deref().map(str::to_lowercase),
                Some(label.to_owned())
            );
        }
    }

    #[test]
    fn what_encodes_nothing_is_refused_without_a_panic() {
        for encoded in ["", "!", "99999999", "-9", "é", "zzzzzzzzzzzzzzzzzzzzzzzzzz"] {
            assert_eq!(decode(encoded), None, "{encoded}");
        }
    }
}
