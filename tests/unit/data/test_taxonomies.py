"""Taxonomies from tables, trees and vocabularies."""

from __future__ import annotations

import itertools
import json
import sys

import polars as pl
import pytest

import labelscope as ls
from labelscope.data.taxonomy import Taxonomy
from labelscope.errors import DataError

NAMES = ("animal", "mammal", "dog", "pet", "red, white")
EDGES = {("animal", "mammal"), ("mammal", "dog"), ("pet", "dog")}

TURTLE = """
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
PREFIX ex: <http://example.org/>
@base <http://example.org/> .
# a comment with a . and a "
ex:1 a skos:Concept ; skos:prefLabel "animal"@en, "Tier"@de ; skos:notation "007" ; skos:topConceptOf <scheme> .
<2> a skos:Concept ;
    skos:prefLabel 'Mammal'@en ;
    skos:scopeNote \"\"\"Says "this".
    And that.\"\"\" ;
    skos:broader ex:1 ;;
    ex:source [ ex:page 12.5 ; ex:of ( ex:a "b" [ ] ) ] .
ex:3 skos:altLabel "dog" ; skos:prefLabel "Canis \\u006Cupus"^^ex:text ; skos:broader <2>, ex:4 ; ex:seen true .
ex:4 skos:prefLabel "pet" ; skos:narrower ex:5.
_:b1 ex:note "nobody" .
[ ex:note "nobody" ] .
ex:5 skos:prefLabel "goldfish" .
"""
XML = """<?xml version="1.0" encoding="UTF-8"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:skos="http://www.w3.org/2004/02/skos/core#"
         xmlns:ex="http://example.org/" xml:base="http://example.org/">
  <skos:Concept rdf:about="1"><skos:prefLabel xml:lang="en">animal</skos:prefLabel></skos:Concept>
  <rdf:Description rdf:about="http://example.org/2" skos:prefLabel="mammal">
    <rdf:type rdf:resource="http://www.w3.org/2004/02/skos/core#Concept"/>
    <skos:broader rdf:resource="1"/>
    <ex:source rdf:parseType="Resource"><ex:page>12</ex:page></ex:source>
  </rdf:Description>
  <skos:Concept rdf:ID="dog">
    <skos:prefLabel>Canis
      lupus</skos:prefLabel><skos:altLabel>dog</skos:altLabel>
    <skos:broader><skos:Concept rdf:about="http://example.org/2"><skos:note>again</skos:note></skos:Concept></skos:broader>
    <skos:broader rdf:resource="http://example.org/4"/>
  </skos:Concept>
  <skos:Concept rdf:about="http://example.org/4"><skos:prefLabel>pet</skos:prefLabel>
    <skos:narrower><skos:Concept rdf:about="http://example.org/5"><skos:prefLabel>goldfish</skos:prefLabel></skos:Concept></skos:narrower>
  </skos:Concept>
</rdf:RDF>
"""
TREES = [
    {"mammal": "animal", "dog": ["mammal", "pet"]},
    {"animal": {"mammal": {"dog": {}}}, "pet": {"dog": None}},
    {"animal": {"mammal": ["dog"]}, "pet": "dog"},
    {
        "name": None,
        "children": [{"name": "animal", "children": [{"name": "mammal", "children": ["dog"]}]}, {"name": "pet", "children": ["dog"]}],
    },
    [{"name": "animal"}, {"name": "mammal", "parent": "animal"}, {"label": "dog", "parents": ["mammal", "pet"]}],
    [{"parent": "animal", "child": "mammal"}, {"parent": "mammal", "child": "dog"}, {"parent": "pet", "child": "dog"}],
    [["animal", "mammal"], ["mammal", "dog"], ["pet", "dog"]],
]
TABLES = [
    pl.DataFrame({"parent": ["animal", "mammal", "pet"], "child": ["mammal", "dog", "dog"]}),
    pl.DataFrame({"label": ["animal", "mammal", "dog"], "parent": [None, "animal", "mammal | pet"]}),
    pl.DataFrame({"name": ["animal", "mammal", "dog"], "parents": [[], ["animal"], ["mammal", "pet"]]}),
    pl.DataFrame({"id": ["animal", "mammal", "dog"], "broader": ["", "animal", '["mammal", "pet"]']}),
]


def edges(taxonomy: Taxonomy) -> set[tuple[str, str]]:
    return {(NAMES[parent], NAMES[child]) for parent, child in taxonomy.edges.tolist()}


def refused(path, **options) -> str:
    with pytest.raises(DataError) as caught:
        Taxonomy.read(path, NAMES, **options)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: "-".join(table.columns))
def test_tables(table, tmp_path):
    assert edges(Taxonomy.build(table, NAMES)) == EDGES
    flat = table.with_columns(pl.col(pl.List(pl.String)).list.join(";"))
    flat.write_csv(tmp_path / "tree.csv")
    assert edges(Taxonomy.read(tmp_path / "tree.csv", NAMES)) == EDGES


@pytest.mark.parametrize("tree", TREES, ids=range(len(TREES)))
def test_json(tree, tmp_path):
    (tmp_path / "tree.json").write_text(json.dumps(tree))
    assert edges(Taxonomy.read(tmp_path / "tree.json", NAMES)) == EDGES


@pytest.mark.parametrize(("file", "text"), [("v.ttl", TURTLE), ("v.rdf", XML), ("v.xml", XML)])
def test_skos(file, text, tmp_path):
    (tmp_path / file).write_text(text, encoding="utf-8")
    taxonomy = Taxonomy.read(tmp_path / file, NAMES)
    assert edges(taxonomy) == EDGES
    assert taxonomy.unknown == ("goldfish",)
    assert "1 concept is no label" in repr(taxonomy)
    ds = ls.read(pl.DataFrame({"tags": ["dog;pet", "animal;mammal"]}), labels="tags", taxonomy=tmp_path / file)
    assert len(ds.taxonomy.edges) == 3


@pytest.mark.parametrize("file", ["v.nt", "v.ttl"])
def test_escapes_in_names(file, tmp_path):
    skos = "http://www.w3.org/2004/02/skos/core#"
    called = f'<http://x/a> <{skos}prefLabel> "\\"red\\", \\U0001F600"@en-GB .'
    (tmp_path / file).write_text(f"<http://x/a> <{skos}broader> <http://x/pet> .\n{called}\n")
    taxonomy = Taxonomy.read(tmp_path / file, ('"red", \U0001f600', "pet"))
    assert taxonomy.edges.tolist() == [[1, 0]]


def test_a_base_that_ends_with_a_number_sign_stays_whole(tmp_path):
    (tmp_path / "v.ttl").write_text(
        "@base <http://example.org/animals#> .\n@prefix : <#> .\n@prefix skos: <http://www.w3.org/2004/02/skos/core#> .\n"
        ":dog skos:broader :pet .\n<#mammal> skos:narrower :dog .\n"
    )
    assert edges(Taxonomy.read(tmp_path / "v.ttl", NAMES)) == {("pet", "dog"), ("mammal", "dog")}


def test_codes_keep_their_zeros(tmp_path):
    head = "@prefix skos: <http://www.w3.org/2004/02/skos/core#> .\n@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .\n"
    codes = '<http://x/a> skos:broader <http://x/b> ; skos:notation "007"^^xsd:integer .\n<http://x/b> skos:notation "01" .'
    (tmp_path / "v.ttl").write_text(head + codes)
    assert Taxonomy.read(tmp_path / "v.ttl", ("01", "007")).edges.tolist() == [[0, 1]]


def test_a_vocabulary_needs_its_extra(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "rdflib", None)
    (tmp_path / "v.ttl").write_text(TURTLE)
    with pytest.raises(ls.MissingExtra, match=r'a taxonomy in RDF needs rdflib, .*: pip install "multilabelscope\[rdf\]"'):
        Taxonomy.read(tmp_path / "v.ttl", NAMES)


def test_concepts_that_are_no_label_are_bridged(tmp_path):
    skos = "http://www.w3.org/2004/02/skos/core#broader"
    chain = ["dog", "canine", "carnivore", "mammal", "living being"]
    lines = [f"<http://x/{a.replace(' ', '_')}> <{skos}> <http://x/{b.replace(' ', '_')}> ." for a, b in itertools.pairwise(chain)]
    (tmp_path / "v.nt").write_text("\n".join(lines))
    taxonomy = Taxonomy.read(tmp_path / "v.nt", NAMES)
    assert edges(taxonomy) == {("mammal", "dog")}
    assert taxonomy.unknown == ("canine", "carnivore", "living_being")
    assert "got 'canine', 'carnivore', 'living_being'; remove or rename" in refused(tmp_path / "v.nt", unknown="refuse")


def test_labels_that_are_unknown_are_refused_or_skipped_on_request(tmp_path):
    (tmp_path / "t.csv").write_text("parent,child\nbeast,dog\nanimal,beast\n")
    assert "got 'beast'; remove or rename them, or skip them" in refused(tmp_path / "t.csv")
    assert edges(Taxonomy.read(tmp_path / "t.csv", NAMES, unknown="skip")) == {("animal", "dog")}
    (tmp_path / "t.csv").write_text("parent,child\na,b\n")
    assert "of which none is a label, such as 'a', 'b'" in refused(tmp_path / "t.csv", unknown="skip")
    assert 'expected "refuse" or "skip", got \'drop\'' in refused(tmp_path / "t.csv", unknown="drop")


def test_a_comma_in_a_name_joins_nothing():
    table = pl.DataFrame({"label": ["dog"], "parent": ["red, white"]})
    assert edges(Taxonomy.build(table, NAMES)) == {("red, white", "dog")}


def test_codes_stay_text(tmp_path):
    (tmp_path / "t.csv").write_text("parent,child\n01,01.2\n")
    assert Taxonomy.read(tmp_path / "t.csv", ("01", "01.2")).edges.tolist() == [[0, 1]]


def test_cycles_through_concepts_that_are_no_labels_are_named(tmp_path):
    (tmp_path / "t.csv").write_text("parent,child\nbeast,dog\nanimal,beast\ndog,animal\n")
    assert "expected no cycle, got " in refused(tmp_path / "t.csv", unknown="skip")
    text = TURTLE + "ex:1 skos:broader ex:3 ."
    (tmp_path / "v.ttl").write_text(text)
    message = refused(tmp_path / "v.ttl")
    assert "Canis lupus" in message
    assert "Mammal" in message


BOMB = """<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><x>&b;</x></rdf:RDF>"""
BAD = {
    "bomb.xml": (BOMB, "a document type declaration .* save it without"),
    "file.xml": ('<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/hostname">]><r>&x;</r>', "a document type declaration"),
    "cut.rdf": (XML[:700], "expected well-formed XML in cut.rdf"),
    "deep.rdf": ("<a>" * 5000, "nested more than 1,000 deep"),
    "flat.rdf": ("<a/>", "expected skos:broader or skos:narrower in flat.rdf, got none"),
    "flat.ttl": ("", "expected skos:broader or skos:narrower in flat.ttl, got none"),
    "base.rdf": (f'<a xml:base="http://x/{"y" * 9000}"/>', "an xml:base longer than 8,192 characters; save it without"),
    "open.ttl": ("<a> <b>", "expected Turtle in open.ttl, got text that is not"),
    "prefix.ttl": ("\nx:a x:b x:c .", 'expected Turtle in prefix.ttl, .* line 2 .*Prefix "x:" not bound'),
    "mark.ttl": ("<a> <b> <c> ]", "expected Turtle in mark.ttl, got text that is not .* line 1 "),
    "verb.ttl": ("<a> 'b' <c> .", "expected skos:broader or skos:narrower in verb.ttl, got none"),
    "odd.ttl": ("<a> <b> %%% .", "expected Turtle in odd.ttl, got text that is not .* line 1 "),
    "odd.nt": ("<a> <b>", "expected N-Triples in odd.nt, got text that is not"),
    "deep.ttl": ("<a> <b> " + "[ <b> " * 5000, "brackets nested too deep; save it without"),
    "base.ttl": (f"@base <http://x/{'y' * 9000}> .", "an IRI longer than 8,192 characters; save it without"),
    "columns.csv": ("a,b\n1,2\n", "expected the columns parent and child, got a, b; rename them"),
    "number.json": ("5", "expected an object or a list in number.json, got a int"),
    "names.json": ('[{"name": ["dog"]}]', "expected names of labels in names.json"),
    "deep.json": ("[" * 200_000, "nested too deep|expected JSON in deep.json"),
}


@pytest.mark.parametrize("file", BAD)
def test_what_is_broken_or_dangerous_is_refused(file, tmp_path):
    text, message = BAD[file]
    (tmp_path / file).write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=message):
        Taxonomy.read(tmp_path / file, NAMES)


def test_a_taxonomy_of_another_data_set_is_refused():
    with pytest.raises(DataError, match="expected one of 2 labels, got one of 5"):
        Taxonomy.build(Taxonomy.build(TABLES[0], NAMES), ("a", "b"))
