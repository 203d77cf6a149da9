//! A component without the names that its linker gives to its parts.
//!
//! `strip` is for the module inside: the names of the component around it stay, 15 kB that only a
//! disassembler reads.

/// The custom section of the names
/// (<https://github.com/WebAssembly/component-model/blob/main/design/mvp/Binary.md#name-section>).
const NAMES: &str = "component-name";

/// The magic number, the version and the layer.
const PREAMBLE: usize = 8;

/// The component without its section of names; `None` where the bytes are no sections.
pub(crate) fn without_names(component: &[u8]) -> Option<Vec<u8>> {
    let (preamble, mut rest) = component.split_at_checked(PREAMBLE)?;
    let mut kept = preamble.to_vec();
    while let Some((id, after)) = rest.split_first() {
        let (length, content) = number(after)?;
        let (content, next) = content.split_at_checked(length)?;
        let (section, _) = rest.split_at_checked(rest.len() - next.len())?;
        if *id != 0 || name(content)? != NAMES.as_bytes() {
            kept.extend_from_slice(section);
        }
        rest = next;
    }
    Some(kept)
}

/// The name of a custom section.
fn name(content: &[u8]) -> Option<&[u8]> {
    let (length, content) = number(content)?;
    content.get(..length)
}

/// A number in LEB128, and what is behind it.
fn number(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let last = bytes.iter().position(|byte| byte & 0x80 == 0)?;
    let (digits, rest) = bytes.split_at_checked(last + 1)?;
    let number = digits.iter().rev().try_fold(0_usize, |number, byte| {
        Some(number.checked_mul(0x80)? + usize::from(byte & 0x7f))
    })?;
    Some((number, rest))
}
