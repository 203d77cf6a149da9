//! From words to an expression, by recursive descent with a bound on nesting.

use super::lexer::{self, Token, invalid};
use super::{Comparison, Expression, Literal, Operand};
use crate::failure::Failure;
use crate::schema::Schema;
use emulated_directory::properties::{self, Shape};

/// Deeper nesting than this is no query that anybody writes.
const DEEPEST: usize = 40;

pub(super) fn parse(schema: Schema, text: &str) -> Result<Expression, Failure> {
    let tokens = lexer::tokens(text)?;
    let mut parser = Parser {
        schema,
        tokens: tokens.into_iter().peekable(),
        text,
        depth: 0,
        variable: None,
    };
    let expression = parser.either()?;
    match parser.tokens.next() {
        None => Ok(expression),
        Some(_) => Err(parser.unexpected()),
    }
}

struct Parser<'t> {
    schema: Schema,
    tokens: std::iter::Peekable<std::vec::IntoIter<Token>>,
    text: &'t str,
    depth: usize,
    /// The variable of the lambda that is being read, and its collection.
    variable: Option<(String, String)>,
}

impl Parser<'_> {
    fn unexpected(&self) -> Failure {
        invalid(&format!("Syntax error in '{}'.", self.text))
    }

    fn unknown(&self, name: &str) -> Failure {
        invalid(&format!(
            "Could not find a property named '{name}' on type '{}'.",
            self.schema.type_name()
        ))
    }

    fn keyword(&mut self, keyword: &str) -> bool {
        let found = matches!(self.tokens.peek(), Some(Token::Word(word)) if word.eq_ignore_ascii_case(keyword));
        if found {
            self.tokens.next();
        }
        found
    }

    fn take(&mut self, wanted: &Token) -> Result<(), Failure> {
        match self.tokens.next() {
            Some(token) if token == *wanted => Ok(()),
            _ => Err(self.unexpected()),
        }
    }

    fn either(&mut self) -> Result<Expression, Failure> {
        let mut parts = vec![self.all()?];
        while self.keyword("or") {
            parts.push(self.all()?);
        }
        Ok(joined(parts, Expression::Either))
    }

    fn all(&mut self) -> Result<Expression, Failure> {
        let mut parts = vec![self.term()?];
        while self.keyword("and") {
            parts.push(self.term()?);
        }
        Ok(joined(parts, Expression::All))
    }

    fn term(&mut self) -> Result<Expression, Failure> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(invalid("The node count limit has been exceeded."));
        }
        let term = self.term_inside();
        self.depth -= 1;
        term
    }

    fn term_inside(&mut self) -> Result<Expression, Failure> {
        if self.keyword("not") {
            return Ok(Expression::Not(Box::new(self.term()?)));
        }
        match self.tokens.next() {
            Some(Token::Open) => {
                let inside = self.either()?;
                self.take(&Token::Close)?;
                Ok(inside)
            }
            Some(Token::Word(word)) => self.word(&word),
            _ => Err(self.unexpected()),
        }
    }

    fn word(&mut self, word: &str) -> Result<Expression, Failure> {
        if let Some((collection, "any")) = word.rsplit_once('/') {
            return self.lambda(collection);
        }
        if self.tokens.peek() == Some(&Token::Open) {
            return self.function(word);
        }
        if let Some(collection) = word.strip_suffix("/$count") {
            let collection = self.collection(collection)?;
            let comparison = self.comparison()?;
            return match self.literal()? {
                Literal::Number(number) => Ok(Expression::Count(collection, comparison, number)),
                _ => Err(self.unexpected()),
            };
        }
        let (operand, shape) = self.operand(word)?;
        if self.keyword("in") {
            return Ok(Expression::In(operand, self.literals(shape)?));
        }
        let comparison = self.comparison()?;
        let literal = self.literal()?;
        self.compatible(shape, &literal)?;
        Ok(Expression::Compare(operand, comparison, literal))
    }

    fn function(&mut self, name: &str) -> Result<Expression, Failure> {
        self.take(&Token::Open)?;
        let Some(Token::Word(path)) = self.tokens.next() else {
            return Err(self.unexpected());
        };
        let (operand, _) = self.operand(&path)?;
        self.take(&Token::Comma)?;
        let Some(Token::Text(text)) = self.tokens.next() else {
            return Err(self.unexpected());
        };
        self.take(&Token::Close)?;
        match name.to_ascii_lowercase().as_str() {
            "startswith" => Ok(Expression::StartsWith(operand, text)),
            "endswith" => Ok(Expression::EndsWith(operand, text)),
            "contains" => Err(Failure::unsupported_query(
                "Unsupported property filter clause operator 'Contains'.",
            )),
            _ => Err(invalid(&format!(
                "An unknown function with name '{name}' was found."
            ))),
        }
    }

    fn lambda(&mut self, collection: &str) -> Result<Expression, Failure> {
        let collection = self.collection(collection)?;
        if self.variable.is_some() {
            return Err(self.unexpected());
        }
        self.take(&Token::Open)?;
        if self.tokens.peek() == Some(&Token::Close) {
            self.tokens.next();
            return Ok(Expression::Any(collection, None));
        }
        let Some(Token::Word(variable)) = self.tokens.next() else {
            return Err(self.unexpected());
        };
        self.take(&Token::Colon)?;
        self.variable = Some((variable, collection.clone()));
        let predicate = self.either()?;
        self.variable = None;
        self.take(&Token::Close)?;
        Ok(Expression::Any(collection, Some(Box::new(predicate))))
    }

    fn collection(&self, name: &str) -> Result<String, Failure> {
        match self.schema.find(name) {
            Some(property) if property.shape.is_collection() => Ok(property.name.to_owned()),
            Some(_) => Err(self.unexpected()),
            None => Err(self.unknown(name)),
        }
    }

    /// What a path leads to, and its shape where that is known.
    fn operand(&self, path: &str) -> Result<(Operand, Option<Shape>), Failure> {
        let (root, member) = match path.split_once('/') {
            Some((root, member)) => (root, Some(member.to_owned())),
            None => (path, None),
        };
        if let Some((variable, collection)) = &self.variable
            && variable == root
        {
            let shape = member.is_none().then_some(Shape::Text);
            return Ok((Operand::Element(collection.clone(), member), shape));
        }
        if properties::is_extension(root) && member.is_none() {
            return Ok((Operand::Property(root.to_owned(), None), None));
        }
        let property = self.schema.find(root).ok_or_else(|| self.unknown(root))?;
        let complex = property.shape == Shape::Object;
        if complex != member.is_some() || property.shape.is_collection() {
            return Err(self.unexpected());
        }
        let shape = (!complex).then_some(property.shape);
        Ok((Operand::Property(property.name.to_owned(), member), shape))
    }

    fn comparison(&mut self) -> Result<Comparison, Failure> {
        let Some(Token::Word(word)) = self.tokens.next() else {
            return Err(self.unexpected());
        };
        match word.to_ascii_lowercase().as_str() {
            "eq" => Ok(Comparison::Equal),
            "ne" => Ok(Comparison::NotEqual),
            "ge" => Ok(Comparison::AtLeast),
            "le" => Ok(Comparison::AtMost),
            "gt" => Ok(Comparison::Above),
            "lt" => Ok(Comparison::Below),
            _ => Err(self.unexpected()),
        }
    }

    fn literal(&mut self) -> Result<Literal, Failure> {
        match self.tokens.next() {
            Some(Token::Text(text)) => Ok(Literal::Text(text)),
            Some(Token::Word(word)) => bare(&word).ok_or_else(|| self.unknown(&word)),
            _ => Err(self.unexpected()),
        }
    }

    fn literals(&mut self, shape: Option<Shape>) -> Result<Vec<Literal>, Failure> {
        self.take(&Token::Open)?;
        let mut literals = Vec::new();
        loop {
            let literal = self.literal()?;
            self.compatible(shape, &literal)?;
            literals.push(literal);
            match self.tokens.next() {
                Some(Token::Comma) => {}
                Some(Token::Close) => return Ok(literals),
                _ => return Err(self.unexpected()),
            }
        }
    }

    fn compatible(&self, shape: Option<Shape>, literal: &Literal) -> Result<(), Failure> {
        let fits = match (shape, literal) {
            (None, _) | (_, Literal::Null) => true,
            (Some(Shape::Flag), literal) => matches!(literal, Literal::Flag(_)),
            (Some(Shape::Moment), literal) => matches!(literal, Literal::Bare(_)),
            (Some(_), literal) => matches!(literal, Literal::Text(_) | Literal::Bare(_)),
        };
        if fits {
            return Ok(());
        }
        Err(invalid(&format!(
            "A binary operator with incompatible types was detected in '{}'.",
            self.text
        )))
    }
}

fn joined(mut parts: Vec<Expression>, join: fn(Vec<Expression>) -> Expression) -> Expression {
    match parts.pop() {
        Some(only) if parts.is_empty() => only,
        Some(last) => {
            parts.push(last);
            join(parts)
        }
        None => join(parts),
    }
}

/// A literal without quotes. Any other bare word would be a property, and comparing two properties
/// is not served.
fn bare(word: &str) -> Option<Literal> {
    match word.to_ascii_lowercase().as_str() {
        "null" => return Some(Literal::Null),
        "true" => return Some(Literal::Flag(true)),
        "false" => return Some(Literal::Flag(false)),
        _ => {}
    }
    if let Ok(number) = word.parse::<f64>() {
        return Some(Literal::Number(number));
    }
    let moment = word.starts_with(|c: char| c.is_ascii_digit()) && word.contains('-');
    let guid = word.len() == 36 && word.matches('-').count() == 4;
    (moment || guid).then(|| Literal::Bare(word.to_owned()))
}
