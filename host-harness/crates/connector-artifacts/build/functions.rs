//! A module in which every function is there once, and those that are called most have short numbers.
//!
//! Generic code is compiled once for every type, and often comes out the same for two of them. Linkers of native
//! code fold such functions (`--icf`), `wasm-ld` does not. And a short number takes one byte in a call where
//! others take two; the linker numbers functions by where they came from.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::convert::Infallible;

use wasm_encoder::reencode::Reencode;
use wasm_encoder::{CodeSection, FunctionSection, Module};
use wasmparser::{
    CodeSectionReader, FunctionBody, FunctionSectionReader, Operator, Parser, Payload, TypeRef,
};

use super::Error;

/// Numbers below this one take one byte (LEB128).
const ONE_BYTE: usize = 128;

/// The module with its functions folded and numbered anew.
pub(crate) fn folded(module: &[u8]) -> Result<Module, Error> {
    let functions = Functions::of(module)?;
    let same = functions.folded()?;
    let mut numbering = functions.numbering(&same)?;
    let mut written = Module::new();
    numbering.parse_core_module(&mut written, Parser::new(0), module)?;
    Ok(written)
}

/// What a module imports and defines. Functions are numbered through both.
struct Functions<'m> {
    imported: usize,
    defined: Vec<Function<'m>>,
}

#[derive(Clone)]
struct Function<'m> {
    type_index: u32,
    body: FunctionBody<'m>,
}

impl<'m> Functions<'m> {
    fn of(module: &'m [u8]) -> Result<Self, Error> {
        let (mut imported, mut types, mut bodies) = (0, Vec::new(), Vec::new());
        for payload in Parser::new(0).parse_all(module) {
            match payload? {
                Payload::ImportSection(imports) => {
                    for import in imports.into_imports() {
                        imported += usize::from(matches!(import?.ty, TypeRef::Func(_)));
                    }
                }
                Payload::FunctionSection(section) => {
                    types = section.into_iter().collect::<Result<_, _>>()?;
                }
                Payload::CodeSectionEntry(body) => bodies.push(body),
                _ => {}
            }
        }
        let functions = types.into_iter().zip(bodies);
        let defined = functions.map(|(type_index, body)| Function { type_index, body });
        Ok(Self {
            imported,
            defined: defined.collect(),
        })
    }

    /// For every number that of the first function which does the same. Two functions are the same, too, where
    /// they call different ones that are the same, so this goes on until no more are found.
    fn folded(&self) -> Result<Vec<u32>, Error> {
        let mut same: Vec<u32> = (0..).take(self.imported + self.defined.len()).collect();
        loop {
            let mut firsts = HashMap::new();
            let mut numbering = Numbering::new(same.clone(), Vec::new());
            for (number, function) in (self.imported..).zip(&self.defined) {
                let does = (function.type_index, numbering.encoded(&function.body)?);
                same[number] = *firsts.entry(does).or_insert(number as u32);
            }
            if same == numbering.numbers {
                return Ok(same);
            }
        }
    }

    /// Numbers what is left once a folded function is replaced by the first that is the same: imports keep their
    /// numbers, and the functions that are called most come next.
    fn numbering(&self, same: &[u32]) -> Result<Numbering<'m>, Error> {
        let calls = self.calls(same)?;
        let mut kept: Vec<usize> = (self.imported..same.len())
            .filter(|number| same[*number] as usize == *number)
            .collect();
        kept.sort_by_key(|number| Reverse(calls[*number]));
        // The others stay beside their neighbours, which are like them: so the whole can be compressed.
        if let Some(others) = kept.get_mut(ONE_BYTE.saturating_sub(self.imported)..) {
            others.sort_unstable();
        }
        let mut renumbered: Vec<u32> = (0..).take(same.len()).collect();
        for (new, old) in (self.imported as u32..).zip(&kept) {
            renumbered[*old] = new;
        }
        let numbers = same.iter().map(|first| renumbered[*first as usize]);
        let defined = kept
            .iter()
            .map(|old| self.defined[old - self.imported].clone());
        Ok(Numbering::new(numbers.collect(), defined.collect()))
    }

    /// How often each function is called by what is left.
    fn calls(&self, same: &[u32]) -> Result<Vec<usize>, Error> {
        let mut calls = vec![0; same.len()];
        for (number, function) in (self.imported..).zip(&self.defined) {
            if same[number] as usize != number {
                continue;
            }
            for operator in function.body.get_operators_reader()? {
                if let Operator::Call { function_index } = operator? {
                    calls[same[function_index as usize] as usize] += 1;
                }
            }
        }
        Ok(calls)
    }
}

/// Writes a module with other numbers for its functions.
struct Numbering<'m> {
    /// The new number of each function.
    numbers: Vec<u32>,
    /// The functions that are written, in the order of their new numbers.
    defined: Vec<Function<'m>>,
}

impl<'m> Numbering<'m> {
    fn new(numbers: Vec<u32>, defined: Vec<Function<'m>>) -> Self {
        Self { numbers, defined }
    }

    fn encoded(&mut self, body: &FunctionBody<'_>) -> Result<Vec<u8>, Error> {
        let mut function = self.new_function_with_parsed_locals(body)?;
        let mut operators = body.get_operators_reader()?;
        while !operators.eof() {
            function.instruction(&self.parse_instruction(&mut operators)?);
        }
        Ok(function.into_raw_body())
    }
}

impl Reencode for Numbering<'_> {
    type Error = Infallible;

    fn function_index(&mut self, number: u32) -> Result<u32, Error> {
        Ok(self.numbers[number as usize])
    }

    fn parse_function_section(
        &mut self,
        functions: &mut FunctionSection,
        _: FunctionSectionReader<'_>,
    ) -> Result<(), Error> {
        for function in &self.defined {
            functions.function(function.type_index);
        }
        Ok(())
    }

    fn parse_code_section(
        &mut self,
        code: &mut CodeSection,
        _: CodeSectionReader<'_>,
    ) -> Result<(), Error> {
        for function in self.defined.clone() {
            code.raw(&self.encoded(&function.body)?);
        }
        Ok(())
    }
}
