//! Where the messages of an Arrow file or stream are, by lengths that are checked before anything is allocated for them.

use std::io::{Read, Seek, SeekFrom};

use arrow_buffer::Buffer;
use arrow_ipc::{
    Block, CompressionType, Message, MessageHeader, MetadataVersion, RecordBatch, convert::fb_to_schema,
    reader::read_footer_length, root_as_footer, root_as_message,
};
use arrow_schema::{Schema, SchemaRef};

use super::limit::Limit;

/// The bytes that stand before a message: a mark and the length of its description.
const MARK: [u8; 4] = [0xff; 4];
/// What LZ4 unpacks a byte to at most.
const LZ4: u64 = 255;

/// What there is in a file or a stream.
#[derive(Debug)]
pub(super) struct Messages {
    pub(super) schema: SchemaRef,
    pub(super) version: MetadataVersion,
    /// Dictionaries and batches, in an order in which they can be read.
    pub(super) parts: Vec<Part>,
}

/// A message with values.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) block: Block,
    /// The rows of a batch; `None` of a dictionary.
    pub(super) rows: Option<u64>,
}

/// Finds the messages of a file, which its footer lists, or of a stream, in which they follow each other.
pub(super) fn find<R: Read + Seek>(reader: &mut R, limit: Limit) -> Result<Messages, String> {
    let mut head = [0; 6];
    read_at(reader, 0, &mut head, limit)?;
    match &head {
        b"ARROW1" => of_file(reader, limit),
        _ => of_stream(reader, limit),
    }
}

fn of_file<R: Read + Seek>(reader: &mut R, limit: Limit) -> Result<Messages, String> {
    let mut end = [0; 10];
    let at = limit.file.checked_sub(10).ok_or("it is too short")?;
    read_at(reader, at, &mut end, limit)?;
    let length = read_footer_length(end).map_err(|_| "its end is missing")?;
    let at = at.checked_sub(length as u64).ok_or("its footer is longer than the file")?;
    let mut footer = vec![0; length];
    read_at(reader, at, &mut footer, limit)?;
    let footer = root_as_footer(&footer).map_err(|error| format!("its footer is damaged: {error}"))?;
    let schema = schema(footer.schema().ok_or("it has no schema")?)?;
    let mut parts = vec![];
    for block in footer.dictionaries().iter().flatten().chain(footer.recordBatches().iter().flatten()) {
        let (offset, length) = (unsigned(block.offset())?, unsigned(block.metaDataLength().into())?);
        let mut description = vec![0; limited(offset, length, limit)?];
        read_at(reader, offset, &mut description, limit)?;
        let skipped = if description.starts_with(&MARK) { 8 } else { 4 };
        let message = message(description.get(skipped..).unwrap_or_default())?;
        limited(offset.saturating_add(length), unsigned(block.bodyLength())?, limit)?;
        parts.extend(part(&message, *block)?);
    }
    Ok(Messages { schema, version: footer.version(), parts })
}

fn of_stream<R: Read + Seek>(reader: &mut R, limit: Limit) -> Result<Messages, String> {
    let (mut at, mut start, mut parts) = (0, None, vec![]);
    // A stream may end with a mark or without one.
    while at < limit.file {
        let mut word = [0; 4];
        read_at(reader, at, &mut word, limit)?;
        // Streams from before 2019 have no mark.
        let skipped = if word == MARK { 8 } else { 4 };
        if word == MARK {
            read_at(reader, at + 4, &mut word, limit)?;
        }
        let length = unsigned(i32::from_le_bytes(word).into())?;
        if length == 0 {
            break;
        }
        let mut description = vec![0; limited(at + skipped, length, limit)?];
        read_at(reader, at + skipped, &mut description, limit)?;
        let message = message(&description)?;
        let body = limited(at + skipped + length, unsigned(message.bodyLength())?, limit)?;
        match (message.header_as_schema(), start.is_none()) {
            (Some(found), true) => start = Some((schema(found)?, message.version())),
            (Some(_), false) => return Err("it has two schemas".to_owned()),
            (None, true) => return Err("it does not begin with a schema".to_owned()),
            (None, false) => {
                let description = i32::try_from(skipped + length).map_err(|_| "a message is too long")?;
                parts.extend(part(&message, Block::new(at as i64, description, body as i64))?);
            }
        }
        at += skipped + length + body as u64;
    }
    let (schema, version) = start.ok_or("it is empty")?;
    Ok(Messages { schema, version, parts })
}

fn schema(schema: arrow_ipc::Schema<'_>) -> Result<SchemaRef, String> {
    if !schema.endianness().equals_to_target_endianness() {
        return Err("the bytes of its numbers are in the order of another kind of machine".to_owned());
    }
    let schema: Schema = fb_to_schema(schema);
    Ok(schema.into())
}

fn message(description: &[u8]) -> Result<Message<'_>, String> {
    root_as_message(description).map_err(|error| format!("a message is damaged: {error}"))
}

fn part(message: &Message<'_>, block: Block) -> Result<Option<Part>, String> {
    Ok(match message.header_type() {
        MessageHeader::RecordBatch => {
            let batch = message.header_as_record_batch().ok_or("a batch has no description")?;
            Some(Part { block, rows: Some(unsigned(batch.length())?) })
        }
        MessageHeader::DictionaryBatch => Some(Part { block, rows: None }),
        _ => None,
    })
}

impl Part {
    /// The bytes of the message, of which no buffer lies elsewhere or unpacks to more than the limit.
    pub(super) fn read<R: Read + Seek>(&self, reader: &mut R, limit: Limit) -> Result<Buffer, String> {
        let (offset, length) = (unsigned(self.block.offset())?, unsigned(self.block.metaDataLength().into())?);
        let mut bytes = vec![0; limited(offset, length.saturating_add(unsigned(self.block.bodyLength())?), limit)?];
        read_at(reader, offset, &mut bytes, limit)?;
        let (description, body) = bytes.split_at(length as usize);
        let skipped = if description.starts_with(&MARK) { 8 } else { 4 };
        let message = message(description.get(skipped..).unwrap_or_default())?;
        let batch = match self.rows {
            Some(_) => message.header_as_record_batch(),
            None => message.header_as_dictionary_batch().and_then(|dictionary| dictionary.data()),
        };
        check(&batch.ok_or("a batch has no description")?, body, limit)?;
        Ok(Buffer::from_vec(bytes))
    }
}

/// Checks the places of a batch's buffers and what they unpack to.
fn check(batch: &RecordBatch<'_>, body: &[u8], limit: Limit) -> Result<(), String> {
    let codec = batch.compression().map(|compression| compression.codec());
    let mut all = 0;
    for buffer in batch.buffers().iter().flatten() {
        let (offset, length) = (unsigned(buffer.offset())?, unsigned(buffer.length())?);
        let end = offset.checked_add(length).filter(|end| *end <= body.len() as u64);
        let bytes = end.and_then(|end| body.get(offset as usize..end as usize));
        let bytes = bytes.ok_or("a buffer lies outside of its batch")?;
        let Some(codec) = codec.filter(|_| !bytes.is_empty()) else { continue };
        let (prefix, packed) = bytes.split_first_chunk::<8>().ok_or("a packed buffer is too short")?;
        // A length of -1 says that the buffer is not packed.
        let claimed = u64::try_from(i64::from_le_bytes(*prefix)).unwrap_or(0);
        if codec == CompressionType::LZ4_FRAME && claimed > (packed.len() as u64).saturating_mul(LZ4) {
            return Err(format!("{} packed bytes cannot be {claimed} bytes", packed.len()));
        }
        all += claimed.min(u64::MAX / 2 - all);
    }
    limit.check(all)
}

fn unsigned(number: i64) -> Result<u64, String> {
    u64::try_from(number).map_err(|_| format!("it has a length of {number}"))
}

/// The length of a part that lies in the file.
fn limited(offset: u64, length: u64, limit: Limit) -> Result<usize, String> {
    let end = offset.checked_add(length).filter(|end| *end <= limit.file);
    let length = end.and_then(|_| usize::try_from(length).ok());
    length.ok_or_else(|| "it ends before its data do".to_owned())
}

fn read_at<R: Read + Seek>(reader: &mut R, offset: u64, bytes: &mut [u8], limit: Limit) -> Result<(), String> {
    limited(offset, bytes.len() as u64, limit)?;
    let read = reader.seek(SeekFrom::Start(offset)).and_then(|_| reader.read_exact(bytes));
    read.map_err(|error| error.to_string())
}
